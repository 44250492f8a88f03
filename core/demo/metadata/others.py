"""Objects that every org lists although the demo company keeps nothing in them.

They make the global describe as long as a real one; each can be described and queried, and is always empty.
`Name+SHFC` stands for the object and its Share, History, Feed and ChangeEvent companions.
"""

from __future__ import annotations

from core.demo.metadata.fields import Field, Object
from core.demo.metadata.parse import spaced

_NAMES = """
AcceptedEventRelation AccountBrand+S AccountCleanInfo AccountContactRole+C AccountPartner ActionLinkGroupTemplate
ActionLinkTemplate AdditionalNumber Announcement ApexClass ApexComponent ApexLog ApexPage ApexTestQueueItem
ApexTestResult ApexTestRunResult ApexTestSuite ApexTrigger AppDefinition AppMenuItem AppTabMember Asset+SHFC
AssetRelationship+HF AssignedResource+FC AssignmentRule AssociatedLocation+H AsyncApexJob Attachment Audience
AuraDefinition AuraDefinitionBundle AuthConfig AuthProvider AuthSession AuthorizationForm+SH
AuthorizationFormConsent+SHC AuthorizationFormText+H BackgroundOperation BrandTemplate BrandingSet BusinessHours
BusinessProcess Calendar CalendarView+S CallCenter Case+SHFC CaseComment CaseContactRole CaseSolution CaseStatus
CaseTeamMember CaseTeamRole CaseTeamTemplate CategoryData CategoryNode ChannelProgram+SHF ChannelProgramLevel+SHF
ChannelProgramMember+SHF ChatterActivity ClientBrowser CollaborationGroup+F CollaborationGroupMember
CollaborationInvitation CommSubscription+SHF CommSubscriptionChannelType+SHF CommSubscriptionConsent+SHF Community
ConferenceNumber ConnectedApplication ConsumptionSchedule+SHF ContactCleanInfo ContactPointAddress+SHC
ContactPointConsent+SHC ContactPointEmail+SHC ContactPointPhone+SHC ContactRequest+S ContentAsset
ContentDistribution ContentDocument+HF ContentDocumentLink ContentFolder ContentFolderItem ContentVersion+H
ContentWorkspace ContentWorkspaceMember Contract+HFC ContractContactRole ContractStatus CorsWhitelistEntry
CronJobDetail CronTrigger CspTrustedSite CustomBrand CustomHelpMenuItem CustomNotificationType CustomPermission
DandBCompany Dashboard+F DashboardComponent DataUseLegalBasis+SH DataUsePurpose+SH DatacloudCompany
DeclinedEventRelation DigitalSignature Document Domain DomainSite DuplicateRecordItem DuplicateRecordSet
DuplicateRule EmailCapture EmailDomainKey EmailMessage+C EmailMessageRelation EmailRelay EmailServicesAddress
EmailTemplate+C EngagementChannelType+SHF EnhancedLetterhead+F EntityDefinition EntitySubscription EventLogFile
EventRelation+C ExternalDataSource ExternalEvent FeedAttachment FeedComment FeedItem FeedPollChoice FeedRevision
FieldDefinition FieldPermissions FiscalYearSettings FlowDefinitionView FlowInterview+S FlowVersionView Folder
ForecastShare GrantedByLicense Holiday IconDefinition Idea IdeaComment IdpEventLog Image+SHF Individual+SHC
InstalledMobileApp JobProfile+SHF KnowledgeableUser LeadCleanInfo ListEmail+SC ListEmailRecipientSource ListView
ListViewChart Location+SHFC LoginGeo LoginHistory LoginIp Macro+SHC MacroInstruction+C MailmergeTemplate
MaintenanceAsset+HFC MaintenancePlan+SHFC MatchingRule MatchingRuleItem MobileApplicationDetail MutingPermissionSet
NamedCredential NavigationLinkSet NavigationMenuItem Network NetworkMember NetworkModeration Note OauthToken
ObjectPermissions OnboardingMetrics OperatingHours+F OpportunityCompetitor OpportunityFieldHistory
OpportunityHistory OpportunityLineItem OpportunityPartner Order+SHFC OrderItem+HFC OrderStatus OrgWideEmailAddress
OutgoingEmail PackageLicense Partner PartnerFundAllocation+SHF PartnerFundClaim+SHF PartnerFundRequest+SHF
PartnerMarketingBudget+SHF PartnerRole PartyConsent+SHFC Period PermissionSet PermissionSetAssignment
PermissionSetGroup PermissionSetLicense PlatformAction Pricebook2+HC PricebookEntry+H ProcessDefinition
ProcessInstance ProcessInstanceStep ProcessInstanceWorkitem ProcessNode Product2+HFC ProductConsumed+HFC
ProductItem+SHFC ProductItemTransaction+HF ProductRequest+SHFC ProductRequestLineItem+HFC ProductRequired+HF
ProductTransfer+SHFC Prompt PromptAction+S PromptVersion Publisher PushTopic QuickText+SHC Recommendation+C
RecordAction Report+F ResourceAbsence+HFC ResourcePreference+HF ReturnOrder+SHFC ReturnOrderLineItem+HFC
SamlSsoConfig SearchPromotionRule ServiceAppointment+SHFC ServiceCrew+SHFC ServiceCrewMember+HFC ServiceReport+H
ServiceResource+SHFC ServiceResourceCapacity+HF ServiceResourceSkill+HF ServiceTerritory+SHFC
ServiceTerritoryLocation+HF ServiceTerritoryMember+HFC SetupAuditTrail SetupEntityAccess Shift+SHF Shipment+SHFC
Site+HF Skill SkillRequirement+HF Solution+HF SolutionStatus Stamp StaticResource StreamingChannel+S TabDefinition
TaskPriority TenantUsageEntitlement TestSuiteMembership TimeSheet+SHFC TimeSheetEntry+HFC TimeSlot Topic+F
TopicAssignment TransactionSecurityPolicy Translation UndecidedEventRelation UserAppInfo UserAppMenuItem UserLicense
UserListView UserLogin UserPackageLicense UserPreference UserProvisioningRequest+S UserRecordAccess Vote WebLink
WorkAccess+S WorkBadge WorkBadgeDefinition+SHF WorkOrder+SHFC WorkOrderLineItem+HFC WorkThanks+S WorkType+SHFC
WorkTypeGroup+SHF WorkTypeGroupMember+HF
AccountShare AccountHistory AccountFeed AccountChangeEvent ContactShare ContactHistory ContactFeed
ContactChangeEvent LeadShare LeadHistory LeadFeed LeadChangeEvent OpportunityShare OpportunityFeed
OpportunityChangeEvent OpportunityContactRoleChangeEvent CampaignShare CampaignHistory CampaignFeed
CampaignChangeEvent CampaignMemberChangeEvent CampaignMemberStatusChangeEvent EventFeed EventChangeEvent TaskFeed
TaskChangeEvent UserShare UserFeed UserChangeEvent
"""
_COMPANIONS = {"S": "Share", "H": "History", "F": "Feed", "C": "ChangeEvent"}
_PLAIN = frozenset(["create", "delete", "update", "replicate", "undelete", "search", "layout"])
_WORDS = {
    "Share": frozenset(["create", "delete", "update"]),
    "History": frozenset({"replicate"}),
    "Feed": frozenset({"replicate", "delete"}),
    "ChangeEvent": frozenset[str](),
}
_PREFIXES = {
    "Case": "500", "Contract": "800", "Order": "801", "Product2": "01t", "Pricebook2": "01s", "Asset": "02i",
    "Solution": "501", "Attachment": "00P", "Note": "002", "ContentDocument": "069", "ContentVersion": "068",
    "Dashboard": "01Z", "Report": "00O", "Document": "015", "Folder": "00l", "EmailTemplate": "00X", "ListView": "00B",
    "PermissionSet": "0PS", "Topic": "0TO", "Idea": "087", "WorkOrder": "0WO", "Individual": "0PK",
}  # fmt: skip


def other_objects() -> list[Object]:
    """The empty objects, sorted by name."""
    names: list[str] = []
    for item in _NAMES.split():
        name, _, companions = item.partition("+")
        names.append(name)
        names.extend(name + _COMPANIONS[letter] for letter in companions)
    return [_other(name) for name in sorted(set(names))]


def _other(name: str) -> Object:
    kind = next((suffix for suffix in _WORDS if name.endswith(suffix) and name != suffix), "")
    label = spaced(name)
    plural = label if kind else f"{label[:-1]}ies" if label[-1] == "y" and label[-2] not in "aeo" else f"{label}s"
    fields = [
        Field("Id", "id", f"{label} ID", 18, nillable=False, defaulted=True, id_lookup=True),
        Field("IsDeleted", "boolean", "Deleted", nillable=False, defaulted=True),
    ]
    if not kind:
        fields.append(
            Field("Name", "string", "Name", 255, nillable=False, createable=True, updateable=True, name_field=True)
        )
    fields += [
        Field("CreatedDate", "datetime", "Created Date", nillable=False, defaulted=True),
        Field("CreatedById", "reference", "Created By ID", 18, nillable=False, defaulted=True,
              reference_to=("User",), relationship="CreatedBy"),
        Field("SystemModstamp", "datetime", "System Modstamp", nillable=False, defaulted=True),
    ]  # fmt: skip
    words = _WORDS[kind] if kind else _PLAIN
    return Object(
        name, label, plural, _PREFIXES.get(name), words, tuple(fields), virtual=True, queryable=kind != "ChangeEvent"
    )
