"""Opportunities: facts of the standard objects in the compact form that metadata/parse.py reads."""

TEXT = """
object Opportunity; Opportunity; Opportunities; 006; all clone
Id; id; Opportunity ID
@deleted
AccountId; reference(Account); Account ID; cu; rel=Account
IsPrivate; boolean; Private; cu
Name; string(120); Name; curni
Description; textarea(32000); Description; cu
StageName; picklist; Stage; cur; values=Prospecting|Qualification|Needs Analysis|Value Proposition|Id. _
    Decision Makers|Perception Analysis|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost
Amount; currency(18,2); Amount; cu
Probability; percent(3,0); Probability (%); cud
ExpectedRevenue; currency(18,2); Expected Amount
TotalOpportunityQuantity; double(18,2); Quantity; cu
CloseDate; date; Close Date; cur
Type; picklist; Opportunity Type; cu; values=Existing Customer - Upgrade|Existing Customer - Replacement|
    Existing Customer - Downgrade|New Customer
NextStep; string; Next Step; cu
LeadSource; picklist; Lead Source; cu; values=@sources
IsClosed; boolean; Closed
IsWon; boolean; Won
ForecastCategory; picklist(40); Forecast Category; rs; values=Omitted|Pipeline|BestCase=Best Case|
    MostLikely=Most Likely|Forecast=Commit|Closed
ForecastCategoryName; picklist; Forecast Category; cuds; values=Omitted|Pipeline|Best Case|Commit|Closed
CampaignId; reference(Campaign); Campaign ID; cu; rel=Campaign
HasOpportunityLineItem; boolean; Has Line Item
Pricebook2Id; reference(Pricebook2); Price Book ID; cud; rel=Pricebook2
OwnerId; reference(User); Owner ID; curd; rel=Owner
@stamps
LastActivityDate; date; Last Activity
LastStageChangeDate; datetime; Last Stage Change Date
FiscalQuarter; int; Fiscal Quarter; ; in=Fiscal
FiscalYear; int; Fiscal Year; ; in=Fiscal
Fiscal; string(6); Fiscal Period
ContactId; reference(Contact); Contact ID; c
@viewed
HasOpenActivity; boolean; Has Open Activity
HasOverdueTask; boolean; Has Overdue Task
LastAmountChangedHistoryId; reference(OpportunityHistory); Opportunity History ID; ; _
    rel=LastAmountChangedHistory
LastCloseDateChangedHistoryId; reference(OpportunityHistory); Opportunity History ID; ; _
    rel=LastCloseDateChangedHistory
Discount__c; percent(5,2); Discount; cu
Weighted_Days__c; double(18,2); Weighted Days; f

object OpportunityContactRole; Opportunity Contact Role; Opportunity Contact Role; 00K; compact create _
    delete layout replicate trigger update
Id; id; Contact Role ID
OpportunityId; reference(Opportunity); Opportunity ID; cr; rel=Opportunity
ContactId; reference(Contact); Contact ID; cur; rel=Contact
Role; picklist(40); Role; cu; values=Business User|Decision Maker|Economic Buyer|Economic Decision Maker|
    Evaluator|Executive Sponsor|Influencer|Technical Buyer|Other
IsPrimary; boolean; Primary; cu
@stamps
@deleted

object OpportunityStage; Opportunity Stage; Opportunity Stage; 01J;
Id; id; Opportunity Stage ID
MasterLabel; string; Master Label
ApiName; string; Api Name; r
IsActive; boolean; Is Active
SortOrder; int; Sort Order
IsClosed; boolean; Closed
IsWon; boolean; Won
ForecastCategory; picklist; Forecast Category; r; values=Omitted|Pipeline|BestCase=Best Case|MostLikely=Most _
    Likely|Forecast=Commit|Closed
ForecastCategoryName; picklist; Forecast Category Name; r; values=Omitted|Pipeline|Best Case|Commit|Closed
DefaultProbability; percent(18,2); Probability (%)
Description; string(32000); Description
@stamps
"""
