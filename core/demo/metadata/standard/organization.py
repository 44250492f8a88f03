"""Organization and record types: facts of the standard objects in the compact form that metadata/parse.py reads."""

TEXT = """
object Organization; Organization; Organizations; 00D; replicate update
Id; id; Organization ID
Name; string(80); Name; urn
Division; string(80); Division; u
Street; textarea; Street; u; in=Address
City; string(40); City; u; in=Address
State; string(80); State/Province; u; in=Address
PostalCode; string(20); Zip/Postal Code; u; in=Address
Country; string(80); Country; ; in=Address
Latitude; double(18,15); Latitude; u; in=Address
Longitude; double(18,15); Longitude; u; in=Address
GeocodeAccuracy; picklist(40); Geocode Accuracy; u; in=Address; values=Address|NearAddress=Near Address|Block|
    Street|ExtendedZip=Extended Zip|Zip|Neighborhood|City|County|State|Unknown
Address; address; Address
Phone; phone; Phone; u
Fax; phone; Fax; u
PrimaryContact; string; Primary Contact; u
DefaultLocaleSidKey; picklist(40); Locale; ur; values=@locales
TimeZoneSidKey; picklist(40); Time Zone; ur; values=@timezones
LanguageLocaleKey; picklist(40); Language; ur; values=@languages
ReceivesInfoEmails; boolean; Info Emails; u
ReceivesAdminInfoEmails; boolean; Info Emails Admin; u
PreferencesRequireOpportunityProducts; boolean; RequireOpportunityProducts; u
PreferencesTransactionSecurityPolicy; boolean; TransactionSecurityPolicy; u
PreferencesConsentManagementEnabled; boolean; ConsentManagementEnabled; u
PreferencesAutoSelectIndividualOnMerge; boolean; AutoSelectIndividualOnMerge; u
PreferencesLightningLoginEnabled; boolean; LightningLoginEnabled; u
PreferencesOnlyLLPermUserAllowed; boolean; OnlyLLPermUserAllowed; u
FiscalYearStartMonth; int; Fiscal Year Starts In
UsesStartDateAsFiscalYearName; boolean; Fiscal Year Name by Start
DefaultAccountAccess; picklist(40); Default Account Access; ; values=None=Private|Read=Read Only|
    Edit=Read/Write|ControlledByLeadOrContact|ControlledByCampaign
DefaultContactAccess; picklist(40); Default Contact Access; ; values=None=Private|Read=Read Only|
    Edit=Read/Write|ControlledByParent=Controlled By Parent
DefaultOpportunityAccess; picklist(40); Default Opportunity Access; ; values=None=Private|Read=Read Only|
    Edit=Read/Write|ControlledByLeadOrContact|ControlledByCampaign
DefaultLeadAccess; picklist(40); Default Lead Access; ; values=None=Private|Read=Read Only|Edit=Read/Write|
    ReadEditTransfer=Read/Write/Transfer
DefaultCaseAccess; picklist(40); Default Case Access; ; values=None=Private|Read=Read Only|Edit=Read/Write|
    ReadEditTransfer=Read/Write/Transfer
DefaultCalendarAccess; picklist(40); Default Calendar Access; ; values=HideDetails=Hide Details|
    HideDetailsInsert=Hide Details and Add Events|ShowDetails=Show Details|ShowDetailsInsert=Show Details and _
    Add Events|AllowEdits=Full Access; default=HideDetailsInsert
DefaultPricebookAccess; picklist(40); Default Price Book Access; ; values=None=No Access|Read=View Only|
    ReadSelect=Use
DefaultCampaignAccess; picklist(40); Default Campaign Access; ; values=None=Private|Read=Read Only|
    Edit=Read/Write|All=Owner
@stamps
ComplianceBccEmail; email; Compliance BCC Email
UiSkin; picklist(40); UI Skin; u; values=Theme1=salesforce.com Classic|Theme2=Salesforce|PortalDefault=Portal _
    Default|Webstore|Theme3=Aloha; default=Theme3
SignupCountryIsoCode; string; Signup Country
TrialExpirationDate; datetime; Trial Expiration Date
NumKnowledgeService; int; Knowledge Licenses
OrganizationType; picklist(40); Edition; ; values=Team Edition|Professional Edition|Enterprise Edition|
    Developer Edition|Personal Edition|Unlimited Edition|Contact Manager Edition|Base Edition
NamespacePrefix; string(15); Namespace Prefix
InstanceName; string; Instance Name
IsSandbox; boolean; Is Sandbox
WebToCaseDefaultOrigin; string; Web to Cases Default Origin; u
MonthlyPageViewsUsed; int; Monthly Page Views Used
MonthlyPageViewsEntitlement; int; Monthly Page Views Allowed
IsReadOnly; boolean; Is Read Only

object RecordType; Record Type; Record Types; 012; create mru replicate update
Id; id; Record Type ID
Name; string(80); Name; curn
DeveloperName; string(80); Record Type Name; cur
NamespacePrefix; string(15); Namespace Prefix
Description; string(32000); Description; cu
BusinessProcessId; reference(BusinessProcess); Business Process ID; cu
SobjectType; picklist(40); SObject Type Name; cr; values=@objects
IsActive; boolean; Active; u
@stamps
"""
