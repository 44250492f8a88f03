"""Campaigns: facts of the standard objects in the compact form that metadata/parse.py reads."""

TEXT = """
object Campaign; Campaign; Campaigns; 701; create clone delete layout mru replicate search trigger undelete update
Id; id; Campaign ID
@deleted
Name; string(80); Name; curn
ParentId; reference(Campaign); Parent Campaign ID; cu; rel=Parent
Type; picklist(40); Type; cu; values=Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|
    Advertisement|Banner Ads|Direct Mail|Email|Telemarketing|Other; default=Conference
Status; picklist(40); Status; cu; values=Planned|In Progress|Completed|Aborted; default=Planned
StartDate; date; Start Date; cu
EndDate; date; End Date; cu
ExpectedRevenue; currency(18,0); Expected Revenue in Campaign; cu
BudgetedCost; currency(18,0); Budgeted Cost in Campaign; cu
ActualCost; currency(18,0); Actual Cost in Campaign; cu
ExpectedResponse; percent(10,2); Expected Response (%); cu
NumberSent; double(18,0); Num Sent in Campaign; cu
IsActive; boolean; Active; cu
Description; textarea(32000); Description; cu
CampaignImageId; reference(ContentDocument); ContentDocument ID
NumberOfLeads; int; Leads in Campaign; r
NumberOfConvertedLeads; int; Converted Leads in Campaign; r
NumberOfContacts; int; Contacts in Campaign; r
NumberOfResponses; int; Responses in Campaign; r
NumberOfOpportunities; int; Opportunities in Campaign; r
NumberOfWonOpportunities; int; Won Opportunities in Campaign; r
AmountAllOpportunities; currency(18,2); Value Opportunities in Campaign; r
AmountWonOpportunities; currency(18,2); Value Won Opportunities in Campaign; r
OwnerId; reference(User); Owner ID; curd; rel=Owner
@stamps
LastActivityDate; date; Last Activity
@viewed
CampaignMemberRecordTypeId; reference(RecordType); Record Type ID; cu; rel=CampaignMemberRecordType

object CampaignMember; Campaign Member; Campaign Members; 00v; create delete layout replicate trigger update
Id; id; Campaign Member ID
@deleted
CampaignId; reference(Campaign); Campaign ID; cr; rel=Campaign
LeadId; reference(Lead); Lead ID; c; rel=Lead
ContactId; reference(Contact); Contact ID; c; rel=Contact
Status; picklist(40); Status; cu; values=Planned|Received|Responded|Sent|Registered|
    Attended|No Show
HasResponded; boolean; Responded
@stamps
FirstRespondedDate; date; First Responded Date
Salutation; picklist(40); Salutation; ; values=Mr.|Ms.|Mrs.|Dr.|Prof.|Mx.
Name; string; Name
FirstName; string(40); First Name
LastName; string(80); Last Name
Title; string(128); Title
Street; string; Street
City; string(40); City
State; string(80); State/Province
PostalCode; string(20); Zip/Postal Code
Country; string(80); Country
Email; email; Email
Phone; phone; Phone
Fax; phone; Fax
MobilePhone; phone; Mobile
Description; textarea(32000); Description
DoNotCall; boolean; Do Not Call
HasOptedOutOfEmail; boolean; Email Opt Out
HasOptedOutOfFax; boolean; Fax Opt Out
LeadSource; picklist(40); Lead Source; ; values=@sources
CompanyOrAccount; string; Company (Account)
Type; string; Type
LeadOrContactId; reference(Account,Contact,Lead); Related Record ID
LeadOrContactOwnerId; reference(Group,User); Related Record Owner ID; ; rel=LeadOrContactOwner

object CampaignMemberStatus; Campaign Member Status; Campaign Member Statuses; 01Y; create delete layout _
    replicate update
Id; id; Campaign Member Status ID
@deleted
CampaignId; reference(Campaign); Campaign ID; cr
Label; string(765); Member Status; cur
SortOrder; int; Sort Order; cu
IsDefault; boolean; Is Default; cu
HasResponded; boolean; Responded; cu
@stamps
"""
