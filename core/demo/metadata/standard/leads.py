"""Leads: facts of the standard objects in the compact form that metadata/parse.py reads."""

TEXT = """
object Lead; Lead; Leads; 00Q; all merge
Id; id; Lead ID
@deleted
MasterRecordId; reference(Lead); Master Record ID; ; rel=MasterRecord
LastName; string(80); Last Name; cur; in=Name; extra=personname
FirstName; string(40); First Name; cu; in=Name; extra=personname
Salutation; picklist(40); Salutation; cu; in=Name; extra=personname; values=Mr.|Ms.|Mrs.|Dr.|Prof.|Mx.
Name; string(121); Full Name; rn; extra=personname
Title; string(128); Title; cu
Company; string; Company; cur
@address
Phone; phone; Phone; cu
MobilePhone; phone; Mobile Phone; cu
Fax; phone; Fax; cu
Email; email; Email; cui
Website; url; Website; cu
PhotoUrl; url; Photo URL; ; extra=imageurl
Description; textarea(32000); Description; cu
LeadSource; picklist; Lead Source; cu; values=@sources
Status; picklist; Status; curd; values=Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - _
    Not Converted; default=Open - Not Contacted
Industry; picklist; Industry; cu; values=@industries
Rating; picklist; Rating; cu; values=Hot|Warm|Cold
AnnualRevenue; currency(18,0); Annual Revenue; cu
NumberOfEmployees; int; Employees; cu
OwnerId; reference(Group,User); Owner ID; curd; rel=Owner
IsConverted; boolean; Converted; c
ConvertedDate; date; Converted Date
ConvertedAccountId; reference(Account); Converted Account ID; ; rel=ConvertedAccount
ConvertedContactId; reference(Contact); Converted Contact ID; ; rel=ConvertedContact
ConvertedOpportunityId; reference(Opportunity); Converted Opportunity ID; ; rel=ConvertedOpportunity
IsUnreadByOwner; boolean; Unread By Owner; cu
HasOptedOutOfEmail; boolean; Email Opt Out; cu
HasOptedOutOfFax; boolean; Fax Opt Out; cu
DoNotCall; boolean; Do Not Call; cu
@stamps
LastActivityDate; date; Last Activity
@viewed
Jigsaw; string(20); Data.com Key; cu
JigsawContactId; string(20); Jigsaw Contact ID; ; rel=JigsawContact
CleanStatus; picklist(40); Clean Status; cus; values=@cleanstatus
CompanyDunsNumber; string(9); Company D-U-N-S Number; cu
DandbCompanyId; reference(DandBCompany); D&B Company ID; cu; rel=DandbCompany
EmailBouncedReason; string; Email Bounced Reason; u
EmailBouncedDate; datetime; Email Bounced Date; u
IndividualId; reference(Individual); Individual ID; cu; rel=Individual
Score__c; double(3,0); Score; cu
Budget__c; currency(16,2); Budget; cu
Product_Interest__c; multipicklist; Product Interest; cu; values=Analytics|Automation|Data Platform|
    Integration|Mobile|Security|Services|Support|Training
Region__c; picklist; Region; cu; values=Americas|EMEA|APAC
Sub_Region__c; picklist; Sub-Region; cus; control=Region__c; values=North America@Americas|Latin _
    America@Americas|Western Europe@EMEA|Eastern Europe@EMEA|Middle East@EMEA|Africa@EMEA|East Asia@APAC|
    South Asia@APAC|Oceania@APAC
Best_Time_to_Call__c; time; Best Time to Call; cu
Lead_Key__c; string(20); Lead Key; cuxqi
Revenue_per_Employee__c; currency(18,2); Revenue per Employee; f
Is_Hot__c; boolean; Hot; f

object LeadStatus; Lead Status Value; Lead Status Value; 01J;
Id; id; Lead Status Value ID
MasterLabel; string; Master Label
ApiName; string; Api Name; r
SortOrder; int; Sort Order
IsDefault; boolean; Is Default
IsConverted; boolean; Is Converted
@stamps
"""
