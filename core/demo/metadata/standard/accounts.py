"""Accounts and contacts: facts of the standard objects in the compact form that metadata/parse.py reads."""

TEXT = """
object Account; Account; Accounts; 001; all merge
Id; id; Account ID
@deleted
MasterRecordId; reference(Account); Master Record ID; ; rel=MasterRecord
Name; string; Account Name; curn; in=Name; extra=switchablepersonname
Type; picklist(40); Account Type; cu; values=Prospect|Customer - Direct|Customer - Channel|Channel Partner / _
    Reseller|Installation Partner|Technology Partner|Other
RecordTypeId; reference(RecordType); Record Type ID; cu; rel=RecordType
ParentId; reference(Account); Parent Account ID; cu; rel=Parent
@address Billing
@address Shipping
Phone; phone; Account Phone; cu
Fax; phone; Account Fax; cu
AccountNumber; string(40); Account Number; cu
Website; url; Website; cu
PhotoUrl; url; Photo URL; ; extra=imageurl
Sic; string(20); SIC Code; cu
Industry; picklist(40); Industry; cu; values=@industries
AnnualRevenue; currency(18,0); Annual Revenue; cu
NumberOfEmployees; int; Employees; cu
Ownership; picklist(40); Ownership; cu; values=Public|Private|Subsidiary|Other
TickerSymbol; string(20); Ticker Symbol; cu
Description; textarea(32000); Account Description; cu
Rating; picklist(40); Account Rating; cu; values=Hot|Warm|Cold
Site; string(80); Account Site; cu
OwnerId; reference(User); Owner ID; curd; rel=Owner
@stamps
LastActivityDate; date; Last Activity
@viewed
IsPartner; boolean; Partner Account; u
IsCustomerPortal; boolean; Customer Portal Account; u
ChannelProgramName; string; Channel Program Name
ChannelProgramLevelName; string; Channel Program Level Name
Jigsaw; string(20); Data.com Key; cu
JigsawCompanyId; string(20); Jigsaw Company ID; ; rel=JigsawCompany
CleanStatus; picklist(40); Clean Status; cus; values=@cleanstatus
AccountSource; picklist(40); Account Source; cu; values=@sources
DunsNumber; string(9); D-U-N-S Number; cu
Tradestyle; string; Tradestyle; cu
NaicsCode; string(8); NAICS Code; cu
NaicsDesc; string(120); NAICS Description; cu
YearStarted; string(4); Year Started; cu
SicDesc; string(80); SIC Description; cu
DandbCompanyId; reference(DandBCompany); D&B Company ID; cu; rel=DandbCompany
OperatingHoursId; reference(OperatingHours); Operating Hour ID; cu; rel=OperatingHours
Tier__c; picklist; Tier; cu; values=Platinum|Gold|Silver|Bronze
Customer_Since__c; date; Customer Since; cu
Registry_Number__c; double(18,0); Registry Number; cu; help=Number in the trade register of the country of _
    the head office

object Contact; Contact; Contacts; 003; all merge
Id; id; Contact ID
@deleted
MasterRecordId; reference(Contact); Master Record ID; ; rel=MasterRecord
AccountId; reference(Account); Account ID; cu; rel=Account
LastName; string(80); Last Name; cur; in=Name; extra=personname
FirstName; string(40); First Name; cu; in=Name; extra=personname
Salutation; picklist(40); Salutation; cu; in=Name; extra=personname; values=Mr.|Ms.|Mrs.|Dr.|Prof.
Name; string(121); Full Name; rn; extra=personname
@address Other
@address Mailing
Phone; phone; Business Phone; cu
Fax; phone; Business Fax; cu
MobilePhone; phone; Mobile Phone; cu
HomePhone; phone; Home Phone; cu
OtherPhone; phone; Other Phone; cu
AssistantPhone; phone; Asst. Phone; cu
ReportsToId; reference(Contact); Reports To ID; cu; rel=ReportsTo
Email; email; Email; cui
Title; string(128); Title; cu
Department; string(80); Department; cu
AssistantName; string(40); Assistant's Name; cu
LeadSource; picklist; Lead Source; cu; values=@sources
Birthdate; date; Birthdate; cu
Description; textarea(32000); Contact Description; cu
OwnerId; reference(User); Owner ID; curd; rel=Owner
@stamps
LastActivityDate; date; Last Activity
HasOptedOutOfEmail; boolean; Email Opt Out; cu
HasOptedOutOfFax; boolean; Fax Opt Out; cu
DoNotCall; boolean; Do Not Call; cu
LastCURequestDate; datetime; Last Stay-in-Touch Request Date
LastCUUpdateDate; datetime; Last Stay-in-Touch Save Date
@viewed
EmailBouncedReason; string; Email Bounced Reason; cu
EmailBouncedDate; datetime; Email Bounced Date; cu
IsEmailBounced; boolean; Is Email Bounced
PhotoUrl; url; Photo URL; ; extra=imageurl
Jigsaw; string(20); Data.com Key; cu
JigsawContactId; string(20); Jigsaw Contact ID; ; rel=JigsawContact
CleanStatus; picklist(40); Clean Status; cus; values=@cleanstatus
IndividualId; reference(Individual); Individual ID; cu; rel=Individual
Language__c; picklist; Language; cu; values=English|German|French|Spanish|Italian|Portuguese|Japanese|Chinese|
    Korean|Arabic|Hebrew|Polish|Greek|Turkish
Loyalty_Number__c; string(30); Loyalty Number; cuxqi
"""
