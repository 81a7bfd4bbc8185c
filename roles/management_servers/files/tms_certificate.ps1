# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Brings TMS's certificate into Windows: certificates of the CA, certificate with its key, access to the key, IIS, restarts. Run by ansible.windows.win_powershell;
# it writes no file, and what is as it should be is left alone. Certificates come as base64 of their DER, the PKCS#12 as base64 with its password as a SecureString.
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)] [string] $Pfx,
    [Parameter(Mandatory = $true)] [securestring] $PfxPassword,
    [Parameter(Mandatory = $true)] [string] $Thumbprint,
    [Parameter(Mandatory = $true)] [string[]] $Authorities,
    [Parameter(Mandatory = $true)] [ValidateSet('FullControl', 'Read')] [string] $Rights,
    [Parameter(Mandatory = $true)] [string] $Site,
    [Parameter(Mandatory = $true)] [bool] $Restart
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2.0
$Ansible.Changed = $false
$done = [System.Collections.Generic.List[string]]::new()
$waiting = [System.Collections.Generic.List[string]]::new()
$accounts = 'S-1-5-6', 'S-1-5-20'    # SERVICE, NETWORK SERVICE
$services = 'TMSDatabaseScannerService', 'TMSLiveService', 'TMSPLCMDirectoryService', 'TMSSchedulerService', 'TMSServerDiagnosticsService',
    'TMSSnmpService', 'W3SVC'

function Step([string] $What, [scriptblock] $Action) {
    $done.Add($What)
    $Ansible.Changed = $true
    if (-not $Ansible.CheckMode) { & $Action }
}

function Open-Store([string] $Name) {
    $store = [System.Security.Cryptography.X509Certificates.X509Store]::new($Name, 'LocalMachine')
    $store.Open($(if ($Ansible.CheckMode) { 'ReadOnly' } else { 'ReadWrite' }))
    $store
}

# Roots go where roots are, intermediates where intermediates are.
foreach ($text in $Authorities) {
    $authority = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new([Convert]::FromBase64String($text))
    $name = if ($authority.Subject -eq $authority.Issuer) { 'Root' } else { 'CertificateAuthority' }
    $store = Open-Store $name
    try {
        if (-not ($store.Certificates | Where-Object { $_.Thumbprint -eq $authority.Thumbprint })) {
            Step "$($authority.Subject) into $name" { $store.Add($authority) }
        }
    } finally { $store.Close() }
}

# The certificate with its key, for the machine and not exportable. One that came without its key before is replaced.
$store = Open-Store 'My'
try {
    $held = $store.Certificates | Where-Object { $_.Thumbprint -eq $Thumbprint } | Select-Object -First 1
    if (-not $held -or -not $held.HasPrivateKey) {
        Step 'certificate and key into My' {
            $flags = [System.Security.Cryptography.X509Certificates.X509KeyStorageFlags]'MachineKeySet, PersistKeySet'
            $new = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new([Convert]::FromBase64String($Pfx), $PfxPassword, $flags)
            if ($new.Thumbprint -ne $Thumbprint) { throw "the PKCS#12 file holds $($new.Thumbprint), not $Thumbprint" }
            if ($held) { $store.Remove($held) }
            $store.Add($new)
        }
        $held = $store.Certificates | Where-Object { $_.Thumbprint -eq $Thumbprint } | Select-Object -First 1
    }
} finally { $store.Close() }

# Who may use the key. Its file stands in one of two places, by the kind of its provider.
$since = $null
if ($held) {
    $key = [System.Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($held)
    $file = if ($key -is [System.Security.Cryptography.RSACng]) {
        Join-Path $env:ProgramData "Microsoft\Crypto\Keys\$($key.Key.UniqueName)"
    } else {
        Join-Path $env:ProgramData "Microsoft\Crypto\RSA\MachineKeys\$($key.CspKeyContainerInfo.UniqueKeyContainerName)"
    }
    $since = (Get-Item -LiteralPath $file).CreationTimeUtc
    $wanted = [System.Security.AccessControl.FileSystemRights]$Rights
    foreach ($account in $accounts) {
        $sid = [System.Security.Principal.SecurityIdentifier]::new($account)
        $acl = Get-Acl -LiteralPath $file
        $has = $acl.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier]) | Where-Object {
            $_.IdentityReference -eq $sid -and $_.AccessControlType -eq 'Allow' -and ($_.FileSystemRights -band $wanted) -eq $wanted
        }
        if (-not $has) {
            Step "key for $account" {
                $acl.AddAccessRule([System.Security.AccessControl.FileSystemAccessRule]::new($sid, $wanted, 'Allow'))
                Set-Acl -LiteralPath $file -AclObject $acl
            }
        }
    }
}

# IIS. AddSslCertificate is called only where another certificate is bound.
Import-Module WebAdministration
$bindings = @(Get-WebBinding -Name $Site -Protocol https)
if ($bindings.Count -eq 0) {
    Step "HTTPS binding of $Site" { New-WebBinding -Name $Site -Protocol https -Port 443 -IPAddress '*' }
    $bindings = @(Get-WebBinding -Name $Site -Protocol https)
}
foreach ($binding in $bindings) {
    if ($binding.certificateHash -ne $Thumbprint) {
        Step "certificate of $($binding.bindingInformation)" { $binding.AddSslCertificate($Thumbprint, 'My') }
    }
}

# Restarts: only what runs, and has run since before the key was there. A service that stands still stands still afterwards.
foreach ($service in $services) {
    $found = Get-CimInstance -ClassName Win32_Service -Filter "Name = '$service'"
    if (-not $found -or $found.State -ne 'Running') { continue }
    $process = Get-Process -Id $found.ProcessId
    if ($null -ne $since -and $process.StartTime.ToUniversalTime() -gt $since) { continue }
    if (-not $Restart) { $waiting.Add($service); continue }
    Step "restart of $service" { Restart-Service -Name $service -Force }
}
$Ansible.Result = @{ done = @($done); waiting = @($waiting) }
