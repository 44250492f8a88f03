"""EntityDefinition and FieldDefinition: where an API client reads ids that outlive a rename.

Their rows are made from the schema, by core/demo/definitions.py.
"""

TEXT = """
object EntityDefinition; Entity Definition; Entity Definitions; -;
Id; id; Entity Definition ID
DurableId; string(255); Durable ID; r
QualifiedApiName; string(70); Qualified API Name; rn
DeveloperName; string(40); Developer Name
Label; string(80); Label
PluralLabel; string(80); Plural Label
KeyPrefix; string(3); Key Prefix
IsQueryable; boolean; Is Queryable

object FieldDefinition; Field Definition; Field Definitions; -;
Id; id; Field Definition ID
DurableId; string(255); Durable ID; r
QualifiedApiName; string(70); Qualified API Name; rn
DeveloperName; string(40); Developer Name
EntityDefinitionId; reference(EntityDefinition); Entity Definition ID; r; rel=EntityDefinition; child=Fields
Label; string(80); Label
Length; int(9); Length
Precision; int(9); Precision
Scale; int(9); Scale
DataType; string(80); Data Type
IsNillable; boolean; Is Nillable
IsCalculated; boolean; Is Calculated
"""
