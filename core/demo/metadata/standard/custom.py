"""The demo company's own objects: between them and the standard ones every field type occurs."""

TEXT = """
object Project__c; Project; Projects; a00; all
Id; id; Record ID
@deleted
OwnerId; reference(Group,User); Owner ID; curd; rel=Owner
Name; string(80); Project Name; cun
RecordTypeId; reference(RecordType); Record Type ID; cu; rel=RecordType
@stamps
LastActivityDate; date; Last Activity Date
@viewed
Account__c; reference(Account); Account; cu; rel=Account__r; child=Projects__r
Sponsor__c; reference(Contact); Sponsor; cu; rel=Sponsor__r; child=Sponsored_Projects__r
Opportunity__c; reference(Opportunity); Opportunity; cu; rel=Opportunity__r; child=Projects__r
Number__c; string(30); Project Number; ra
Code__c; string(20); Code; cuxqi; help=Key of the project in the resource planning system
Status__c; picklist; Status; cu; values=Draft|Planned|Active|On Hold|Done|Cancelled; default=Draft
Phase__c; picklist; Phase; cus; control=Status__c; values=Idea@Draft|Estimate@Draft,Planned|Design@Planned,Active|
    Build@Active|Test@Active,On Hold|Roll-out@Active|Care@Done
Priority__c; picklist; Priority; cus; values=1=Urgent|2=High|3=Normal|4=Low; default=3
Regions__c; multipicklist; Regions; cu; values=North|South|East|West|Central|Overseas
Budget__c; currency(16,2); Budget; cu
Completion__c; percent(5,2); Completion; cu
Start__c; date; Start; cu
Kickoff__c; datetime; Kick-off; cu
Daily_Standup__c; time; Daily Stand-up; cu
Team_Size__c; double(4,0); Team Size; cu
Daily_Rate__c; double(16,4); Daily Rate; cu
Ledger_Number__c; double(18,0); Ledger Number; cu
Billable__c; boolean; Billable; cu; default=true
Site__c; location; Site; cu
Summary__c; textarea; Summary; cu
Notes__c; textarea(32768); Notes; cu
Brief__c; textarea(32768); Brief; cuh; extra=richtextarea
Access_Code__c; encryptedstring(20); Access Code; cu
Contact_Email__c; email; Contact E-mail; cu
Hotline__c; phone; Hotline; cu
Website__c; url; Website; cu
Status_Picture__c; string(1300); Status Picture; fh
Planned_Margin__c; currency(18,2); Planned Margin; f
Planned_End__c; date; Planned End; f
Over_Budget__c; boolean; Over Budget; f
Account_Name__c; string(1300); Account Name; f
Milestones__c; double(18,0); Milestones; f
Milestone_Cost__c; currency(18,2); Milestone Cost; f
Next_Due__c; date; Next Due; f

object Milestone__c; Milestone; Milestones; a01; all
Id; id; Record ID
@deleted
Name; string(80); Milestone Number; rdna
@stamps
LastActivityDate; date; Last Activity Date
@viewed
Project__c; reference(Project__c); Project; cr; rel=Project__r; child=Milestones__r; master
Title__c; string(120); Title; cu
Due__c; date; Due; cu
Completed__c; datetime; Completed; cu
Starts_At__c; time; Starts At; cu
Done__c; boolean; Done; cu
Sequence__c; double(4,0); Sequence; cu
Cost__c; currency(16,2); Cost; cu
Weight__c; percent(5,2); Weight; cu
Reviewer__c; reference(User); Reviewer; cu; rel=Reviewer__r; child=Reviewed_Milestones__r
Kind__c; picklist; Kind; cu; values=Delivery|Payment|Review|Decision
Description__c; textarea(131072); Description; cu
Project_Account__c; string(1300); Project's Account; f
Share_of_Budget__c; percent(18,2); Share of Budget; f
"""
