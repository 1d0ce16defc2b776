// Three identities, so that what reads can't act and what acts can't read the app's own secrets:
//   host     the Functions host: its storage, the ledger, telemetry; nothing outside the app's resource group
//   observe  reads virtual machines
//   repair   runs commands in guests and takes snapshots
@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
param suffix string

resource host 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-rdp-lifeline-host-${suffix}'
  location: location
  tags: tags
}

resource observe 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-rdp-lifeline-observe-${suffix}'
  location: location
  tags: tags
}

resource repair 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-rdp-lifeline-repair-${suffix}'
  location: location
  tags: tags
}

output hostId string = host.id
output hostClientId string = host.properties.clientId
output hostPrincipalId string = host.properties.principalId
output observeId string = observe.id
output observeClientId string = observe.properties.clientId
output observePrincipalId string = observe.properties.principalId
output repairId string = repair.id
output repairClientId string = repair.properties.clientId
output repairPrincipalId string = repair.properties.principalId
