"""Tasks and events: facts of the standard objects in the compact form that metadata/parse.py reads."""

TEXT = """
object Task; Task; Tasks; 00T; create delete layout mru replicate search trigger undelete update
Id; id; Activity ID
WhoId; reference(Contact,Lead); Name ID; cu; rel=Who
WhatId; reference(Account,Asset,Campaign,Case,Contract,Milestone__c,Opportunity,Order,Product2,Project__c,
    Solution); Related To ID; cu; rel=What
Subject; combobox; Subject; cun; values=Call|Email|Send Letter|Send Quote|Other
ActivityDate; date; Due Date Only; cu
Status; picklist(40); Status; curd; values=Not Started|In Progress|Completed|Waiting on someone else|
    Deferred; default=Not Started
Priority; picklist(40); Priority; curd; values=High|Normal|Low; default=Normal
IsHighPriority; boolean; High Priority
OwnerId; reference(Group,User); Assigned To ID; curd; rel=Owner
Description; textarea(32000); Description; cu
@deleted
AccountId; reference(Account); Account ID; ; rel=Account
IsClosed; boolean; Closed
@stamps
IsArchived; boolean; Archived
CallDurationInSeconds; int; Call Duration; cu
CallType; picklist(40); Call Type; cu; values=Internal|Inbound|Outbound
CallDisposition; string; Call Result; cu
CallObject; string; Call Object Identifier; cu
ReminderDateTime; datetime; Reminder Date/Time; cu
IsReminderSet; boolean; Reminder Set; cu
RecurrenceActivityId; reference(Task); Recurrence Activity ID
IsRecurrence; boolean; Create Recurring Series of Tasks; c
RecurrenceStartDateOnly; date; Recurrence Start; cu
RecurrenceEndDateOnly; date; Recurrence End; cu
RecurrenceTimeZoneSidKey; picklist(40); Recurrence Time Zone; cu; values=@timezones
RecurrenceType; picklist(40); Recurrence Type; cu; values=RecursDaily=Recurs Daily|RecursEveryWeekday=Recurs _
    Every Weekday|RecursMonthly=Recurs Monthly|RecursMonthlyNth=Recurs Monthly Nth|RecursWeekly=Recurs Weekly|
    RecursYearly=Recurs Yearly|RecursYearlyNth=Recurs Yearly Nth
RecurrenceInterval; int; Recurrence Interval; cu
RecurrenceDayOfWeekMask; int; Recurrence Day of Week Mask; cu
RecurrenceDayOfMonth; int; Recurrence Day of Month; cu
RecurrenceInstance; picklist(40); Recurrence Instance; cu; values=First=1st|Second=2nd|Third=3rd|Fourth=4th|
    Last=last
RecurrenceMonthOfYear; picklist(40); Recurrence Month of Year; cu; values=January|February|March|April|May|
    June|July|August|September|October|November|December
RecurrenceRegeneratedType; picklist(40); Repeat This Task; cu; values=RecurrenceRegenerateAfterDueDate=After _
    due date|RecurrenceRegenerateAfterToday=After date completed|RecurrenceRegenerated=(Task Closed)
TaskSubtype; picklist(40); Task Subtype; c; values=Task|Email|ListEmail=List Email|Cadence|Call|LinkedIn
CompletedDateTime; datetime; Completed Date/Time

object TaskStatus; Task Status Value; Task Status Value; -;
Id; id; Task Status Value ID
MasterLabel; string; Master Label
ApiName; string; Api Name; r
SortOrder; int; Sort Order
IsDefault; boolean; Is Default
IsClosed; boolean; Is Closed
@stamps

object Event; Event; Events; 00U; compact create delete layout mru replicate searchlayout search trigger undelete update
Id; id; Activity ID
WhoId; reference(Contact,Lead); Name ID; cu; rel=Who
WhatId; reference(Account,Asset,Campaign,Case,Contract,Milestone__c,Opportunity,Order,Product2,Project__c,
    Solution); Related To ID; cu; rel=What
Subject; combobox; Subject; cun; values=Call|Email|Meeting|Send Letter/Quote|Other
Location; string; Location; cu
IsAllDayEvent; boolean; All-Day Event; cu
ActivityDateTime; datetime; Due Date Time; cu
ActivityDate; date; Due Date Only; cu
DurationInMinutes; int; Duration; cu
StartDateTime; datetime; Start Date Time; cu
EndDateTime; datetime; End Date Time; cu
EndDate; date; End Date
Description; textarea(32000); Description; cu
AccountId; reference(Account); Account ID; ; rel=Account
OwnerId; reference(Calendar,User); Assigned To ID; curd; rel=Owner
IsPrivate; boolean; Private; cu
ShowAs; picklist(40); Show Time As; cuds; values=Busy|OutOfOffice=Out of Office|Free; default=Busy
@deleted
IsChild; boolean; Is Child
IsGroupEvent; boolean; Is Group Event
GroupEventType; picklist(40); Group Event Type; ds; values=0=Non-group Event|1=Group Event|2=Proposed Event|
    3=IsRecurrence2 Series Pattern; default=0
@stamps
IsArchived; boolean; Archived
RecurrenceActivityId; reference(Event); Recurrence Activity ID
IsRecurrence; boolean; Create Recurring Series of Events; c
RecurrenceStartDateTime; datetime; Recurrence Start; cu
RecurrenceEndDateOnly; date; Recurrence End; cu
RecurrenceTimeZoneSidKey; picklist(40); Recurrence Time Zone; cus; values=@timezones
RecurrenceType; picklist(40); Recurrence Type; cus; values=RecursDaily=Recurs Daily|RecursEveryWeekday=Recurs _
    Every Weekday|RecursMonthly=Recurs Monthly|RecursMonthlyNth=Recurs Monthly Nth|RecursWeekly=Recurs Weekly|
    RecursYearly=Recurs Yearly|RecursYearlyNth=Recurs Yearly Nth
RecurrenceInterval; int(9); Recurrence Interval; cu
RecurrenceDayOfWeekMask; int(9); Recurrence Day of Week Mask; cu
RecurrenceDayOfMonth; int(9); Recurrence Day of Month; cu
RecurrenceInstance; picklist(40); Recurrence Instance; cus; values=First=1st|Second=2nd|Third=3rd|Fourth=4th|
    Last=last
RecurrenceMonthOfYear; picklist(40); Recurrence Month of Year; cus; values=January|February|March|April|May|
    June|July|August|September|October|November|December
ReminderDateTime; datetime; Reminder Date/Time; cu
IsReminderSet; boolean; Reminder Set; cu
EventSubtype; picklist(40); Event Subtype; cs; values=Event
IsRecurrence2Exclusion; boolean; Historical Event, Not Following Recurrence
Recurrence2PatternText; textarea(512); Recurrence Pattern; c
Recurrence2PatternVersion; picklist(40); Pattern Version; s; values=1=RFC 5545 v4 RRULE|2=RFC 5545 v4_2 RRULE
IsRecurrence2; boolean; Repeat
IsRecurrence2Exception; boolean; Is Exception
Recurrence2PatternStartDate; datetime; Recurrence Pattern Start Date
Recurrence2PatternTimeZone; string; Recurrence Pattern Time Zone Reference
"""
