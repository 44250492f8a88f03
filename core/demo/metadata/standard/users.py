"""Users, groups, roles and profiles: facts of the standard objects in the compact form that metadata/parse.py reads."""

TEXT = """
object User; User; Users; 005; create feed layout mru replicate search trigger update
Id; id; User ID
Username; string(80); Username; cur
LastName; string(80); Last Name; cur; in=Name; extra=personname
FirstName; string(40); First Name; cu; in=Name; extra=personname
Name; string(80); Full Name; rdn; extra=personname
CompanyName; string(80); Company Name; cu
Division; string(80); Division; cu
Department; string(80); Department; cu
Title; string(128); Title; cu
@address
Email; email; Email; cur
EmailPreferencesAutoBcc; boolean; AutoBcc; cu
EmailPreferencesAutoBccStayInTouch; boolean; AutoBccStayInTouch; cu
EmailPreferencesStayInTouchReminder; boolean; StayInTouchReminder; cu
SenderEmail; email; Email Sender Address; cu
SenderName; string(80); Email Sender Name; cu
Signature; textarea(1333); Email Signature; cu
StayInTouchSubject; string(80); Stay-in-Touch Email Subject; cu
StayInTouchSignature; textarea(512); Stay-in-Touch Email Signature; cu
StayInTouchNote; string(512); Stay-in-Touch Email Note; cu
Phone; phone; Phone; cu
Fax; phone; Fax; cu
MobilePhone; phone; Mobile; cu
Alias; string(8); Alias; cur
CommunityNickname; string(40); Nickname; curd
BadgeText; string; User Photo badge text overlay
IsActive; boolean; Active; cu
TimeZoneSidKey; picklist(40); Time Zone; cur; values=@timezones
UserRoleId; reference(UserRole); Role ID; cu; rel=UserRole
LocaleSidKey; picklist(40); Locale; cur; values=@locales
ReceivesInfoEmails; boolean; Info Emails; cu
ReceivesAdminInfoEmails; boolean; Admin Info Emails; cu
EmailEncodingKey; picklist(40); Email Encoding; cur; values=@encodings
ProfileId; reference(Profile); Profile ID; cur; rel=Profile
UserType; picklist(40); User Type; ; values=Standard|PowerPartner=Partner|PowerCustomerSuccess=Customer _
    Portal Manager|CustomerSuccess=Customer Portal User|Guest|CspLitePortal=High Volume Portal|CsnOnly=CSN _
    Only|SelfService=Self Service
LanguageLocaleKey; picklist(40); Language; cur; values=@languages
EmployeeNumber; string(20); Employee Number; cu
DelegatedApproverId; reference(Group,User); Delegated Approver ID; cu
ManagerId; reference(User); Manager ID; cu; rel=Manager
LastLoginDate; datetime; Last Login
LastPasswordChangeDate; datetime; Last Password Change or Reset
@stamps
NumberOfFailedLogins; int; Failed Login Attempts
OfflineTrialExpirationDate; datetime; Offline Edition Trial Expiration Date
OfflinePdaTrialExpirationDate; datetime; Sales Anywhere Trial Expiration Date
UserPermissionsMarketingUser; boolean; Marketing User; cu
UserPermissionsOfflineUser; boolean; Offline User; cu
UserPermissionsCallCenterAutoLogin; boolean; Auto-login To Call Center; cu
UserPermissionsSFContentUser; boolean; Salesforce CRM Content User; cu
UserPermissionsKnowledgeUser; boolean; Knowledge User; cu
UserPermissionsInteractionUser; boolean; Flow User; cu
UserPermissionsSupportUser; boolean; Service Cloud User; cu
UserPermissionsJigsawProspectingUser; boolean; Data.com User; cu
UserPermissionsSiteforceContributorUser; boolean; Site.com Contributor User; cu
UserPermissionsSiteforcePublisherUser; boolean; Site.com Publisher User; cu
UserPermissionsWorkDotComUserFeature; boolean; WDC User; cu
ForecastEnabled; boolean; Allow Forecasting; cu
ContactId; reference(Contact); Contact ID; cu; rel=Contact
AccountId; reference(Account); Account ID; ; rel=Account
CallCenterId; reference(CallCenter); Call Center ID; cu
Extension; phone; Extension; cu
PortalRole; picklist(40); Portal Role Level; ; values=Executive|Manager|Worker=User|PersonAccount=Person Account
IsPortalEnabled; boolean; Is Portal Enabled
FederationIdentifier; string(512); SAML Federation ID; cu
AboutMe; textarea(1000); About Me; cu
FullPhotoUrl; url; Url for full-sized Photo
SmallPhotoUrl; url; Photo; ; extra=imageurl
IsExtIndicatorVisible; boolean; Show external indicator
OutOfOfficeMessage; string; Out of office message
MediumPhotoUrl; url; Url for medium profile photo; ; extra=imageurl
DigestFrequency; picklist(40); Chatter Email Highlights Frequency; curd; values=D=Daily|W=Weekly|N=Never; _
    default=N
DefaultGroupNotificationFrequency; picklist(40); Default Notification Frequency when Joining Groups; curd; _
    values=P=Email on Each Post|D=Daily Digests|W=Weekly Digests|N=Never; default=N
JigsawImportLimitOverride; int; Data.com Monthly Addition Limit; cu
@viewed
BannerPhotoUrl; url; Url for banner photo
SmallBannerPhotoUrl; url; Url for IOS banner photo
MediumBannerPhotoUrl; url; Url for Android banner photo
IsProfilePhotoActive; boolean; Has Profile Photo
IndividualId; reference(Individual); Individual ID; cu; rel=Individual
@preferences ActivityRemindersPopup EventRemindersCheckboxDefault TaskRemindersCheckboxDefault _
    ReminderSoundOff DisableAllFeedsEmail DisableFollowersEmail DisableProfilePostEmail _
    DisableChangeCommentEmail DisableLaterCommentEmail DisProfPostCommentEmail ContentNoEmail _
    ContentEmailAsAndWhen ApexPagesDeveloperMode ReceiveNoNotificationsAsApprover _
    ReceiveNotificationsAsDelegatedApprover HideCSNGetChatterMobileTask DisableMentionsPostEmail _
    DisMentionsCommentEmail HideCSNDesktopTask HideChatterOnboardingSplash HideSecondChatterOnboardingSplash _
    DisCommentAfterLikeEmail DisableLikeEmail SortFeedByComment DisableMessageEmail JigsawListUser _
    DisableBookmarkEmail DisableSharePostEmail EnableAutoSubForFeeds DisableFileShareNotificationsForApi _
    ShowTitleToExternalUsers ShowManagerToExternalUsers ShowEmailToExternalUsers ShowWorkPhoneToExternalUsers _
    ShowMobilePhoneToExternalUsers ShowFaxToExternalUsers ShowStreetAddressToExternalUsers _
    ShowCityToExternalUsers ShowStateToExternalUsers ShowPostalCodeToExternalUsers ShowCountryToExternalUsers _
    ShowProfilePicToGuestUsers ShowTitleToGuestUsers ShowCityToGuestUsers ShowStateToGuestUsers _
    ShowPostalCodeToGuestUsers ShowCountryToGuestUsers ShowForecastingChangeSignals _
    LiveAgentMiawSetupDeflection HideS1BrowserUI DisableEndorsementEmail PathAssistantCollapsed _
    CacheDiagnostics ShowEmailToGuestUsers ShowManagerToGuestUsers ShowWorkPhoneToGuestUsers _
    ShowMobilePhoneToGuestUsers ShowFaxToGuestUsers ShowStreetAddressToGuestUsers _
    LightningExperiencePreferred PreviewLightning HideEndUserOnboardingAssistantModal _
    HideLightningMigrationModal HideSfxWelcomeMat HideBiggerPhotoCallout GlobalNavBarWTShown _
    GlobalNavGridMenuWTShown CreateLEXAppsWTShown FavoritesWTShown RecordHomeSectionCollapseWTShown _
    RecordHomeReservedWTShown FavoritesShowTopFavorites ExcludeMailAppAttachments SuppressTaskSFXReminders _
    SuppressEventSFXReminders PreviewCustomTheme HasCelebrationBadge UserDebugModePref SRHOverrideActivities _
    NewLightningReportRunPageEnabled ReverseOpenActivitiesView ShowTerritoryTimeZoneShifts _
    HasSentWarningEmail HasSentWarningEmail238 HasSentWarningEmail240 NativeEmailClient _
    ShowForecastingRoundedAmounts

object Group; Group; Group; 00G; create delete replicate search update
Id; id; Group ID
Name; string(80); Name; curn
DeveloperName; string(80); Developer Name; cu
RelatedId; reference(User,UserRole); Related ID; ; rel=Related
Type; picklist(40); Type; cr; values=AllCustomerPortal|ChannelProgramGroup|CollaborationGroup|Manager|
    ManagerAndSubordinatesInternal|Organization|Participant|PRMOrganization|Queue|Regular|Role|
    RoleAndSubordinates|RoleAndSubordinatesInternal|SharingRecordCollGroup|Territory|TerritoryAndSubordinates
Email; email; Email; cu
OwnerId; reference(Organization,User); Owner ID; rd; rel=Owner
DoesSendEmailToMembers; boolean; Send Email to Members; cu
DoesIncludeBosses; boolean; Include Bosses; cu
@stamps

object UserRole; Role; Role; 00E; create delete replicate search update
Id; id; Role ID
Name; string(80); Name; curn
ParentRoleId; reference(UserRole); Parent Role ID; cu
RollupDescription; string; Description; cu
OpportunityAccessForAccountOwner; picklist; Opportunity Access Level for Account Owner; cur; _
    values=None=Private|Read=Read Only|Edit=Read/Write
CaseAccessForAccountOwner; picklist; Case Access Level for Account Owner; cu; values=None=Private|Read=Read _
    Only|Edit=Read/Write
ContactAccessForAccountOwner; picklist; Contact Access Level for Account Owner; ; values=None=Private|
    Read=Read Only|Edit=Read/Write
ForecastUserId; reference(User); User ID; cu
MayForecastManagerShare; boolean; May Forecast Manager Share
LastModifiedDate; datetime; Last Modified Date; rd
LastModifiedById; reference(User); Last Modified By ID; rd; rel=LastModifiedBy
SystemModstamp; datetime; System Modstamp; rd
DeveloperName; string(80); Developer Name; cu
PortalAccountId; reference(Account); Account ID; c
PortalType; picklist; Portal Type; c; values=None|CustomerPortal=Customer Portal|Partner=Partner Portal
PortalRole; picklist; Portal Role; ; values=Executive|Manager|Worker=User|PersonAccount=Person Account
PortalAccountOwnerId; reference(User); User ID

object Profile; Profile; Profile; 00e; delete mru replicate search update
Id; id; Profile ID
Name; string(80); Name; curn
UserLicenseId; reference(UserLicense); User License ID; c; rel=UserLicense
UserType; picklist; User Type; ; values=Standard|PowerPartner=Partner|PowerCustomerSuccess=Customer Portal _
    Manager|CustomerSuccess=Customer Portal User|Guest|CspLitePortal=High Volume Portal|CsnOnly=CSN Only|
    SelfService=Self Service
@stamps
Description; string(32000); Description; cu
@viewed
@permissions EditTask EditEvent ManageUsers ModifyAllData CustomizeApplication RunReports ViewSetup _
    ImportLeads ManageLeads TransferAnyLead ViewAllData ViewEncryptedData ConvertLeads BulkApiHardDelete _
    ApiEnabled

object GroupMember; Group Member; Group Member; 011; create delete replicate
Id; id; Group Member ID
GroupId; reference(Group); Group ID; cr; rel=Group
UserOrGroupId; reference(Group,User); User/Group ID; cr
SystemModstamp; datetime; System Modstamp; rd

object QueueSobject; Queue Sobject; Queue Sobject; 03g; create delete replicate
Id; id; Queue Sobject ID
QueueId; reference(Group); Group ID; cr; rel=Queue
SobjectType; picklist(40); SObject Type Name; crs; values=Lead|Case|Task|Event|Project__c
CreatedById; reference(User); Created By ID; rd; rel=CreatedBy
SystemModstamp; datetime; System Modstamp; rd
"""
