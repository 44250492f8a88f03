"""Field histories of leads and contacts, in the compact form that metadata/parse.py reads."""

_HISTORY = """
object {name}History; {name} History; {name} History; -; replicate
Id; id; History ID
@deleted
{name}Id; reference({name}); {name} ID; r; rel={name}; child=Histories
CreatedById; reference(User); Created By ID; rd; rel=CreatedBy
CreatedDate; datetime; Created Date; rd
Field; picklist; Changed Field; rs; values=created|leadConverted|leadMerged|contactMerged|Owner|Account
DataType; picklist(40); Datatype; s; values=Text|EntityId|TextArea|Boolean|Currency|Double|DateOnly
OldValue; anyType; Old Value
NewValue; anyType; New Value
"""
TEXT = "".join(_HISTORY.format(name=name) for name in ("Lead", "Contact"))
