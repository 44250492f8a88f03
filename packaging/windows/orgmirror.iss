; Inno Setup 6: installs the folder that PyInstaller built, for this user alone and without administrator rights.
; Build on Windows, after `pyinstaller packaging\orgmirror.spec`:  iscc /DVersion=0.1.0 packaging\windows\orgmirror.iss

#ifndef Version
  #error Give the version: iscc /DVersion=0.1.0
#endif

[Setup]
; Keeps its value for ever: it is how an update finds the installation before it.
AppId={{6C1E52B2-7B1B-4E0D-9C7A-4C8F6B0F5D21}
AppName=OrgMirror
AppVersion={#Version}
DefaultDirName={localappdata}\Programs\OrgMirror
DefaultGroupName=OrgMirror
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=OrgMirror-{#Version}-setup
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
; A running OrgMirror is asked to close before its files are replaced.
CloseApplications=yes

[Files]
Source: "..\..\dist\orgmirror\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[InstallDelete]
; Files that the new version no longer has must not be loaded by it.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{group}\OrgMirror"; Filename: "{app}\orgmirror.exe"
Name: "{group}\OrgMirror demo"; Filename: "{app}\orgmirror.exe"; Parameters: "--demo"

[Run]
Filename: "{app}\orgmirror.exe"; Description: "Start OrgMirror"; Flags: nowait postinstall skipifsilent

; Uninstalling leaves the mirrors and settings (%LOCALAPPDATA%\OrgMirror) and the entries in the Credential Manager:
; they are the person's, and `orgmirror disconnect NAME --delete-data` erases them.
