// What recovery VMs need, once for each region: a network without a way in, and the rights of the repair identity in the
// workbench. Deployed into the workbench by hand (docs/deploy.md), never as a part of main.bicep: see workbench.bicep.
// Without it the app never stops a VM: the route is closed, and the report says so.
targetScope = 'resourceGroup'

@description('Region of the virtual machines that are to be mended by a recovery VM.')
param location string = resourceGroup().location

@description('Address space of a network that nothing else is connected to.')
param addressPrefix string = '10.111.0.0/24'

@description('Resource id of the custom role "repair" (azd output REPAIR_ROLE_ID).')
param repairRoleId string

@description('Resource id of the custom role "recovery" (azd output RECOVERY_ROLE_ID).')
param recoveryRoleId string

@description('Resource id of the custom role "helper" (azd output HELPER_ROLE_ID).')
param helperRoleId string

@description('Principal id of the repair identity (azd output REPAIR_PRINCIPAL_ID).')
param repairPrincipalId string

var name = 'rdp-lifeline-${location}'

// In: nothing, from nobody. Out: Azure itself, which the guest agent reports to; not the internet.
resource networkSecurityGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'nsg-${name}'
  location: location
  properties: {
    securityRules: [
      {
        name: 'DenyAllInbound'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
      {
        name: 'AllowAzureOutbound'
        properties: {
          priority: 100
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: 'AzureCloud'
          destinationPortRange: '443'
        }
      }
      {
        name: 'DenyAllOutbound'
        properties: {
          priority: 200
          direction: 'Outbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

// Azure Storage, from which extensions come, by a service endpoint: that costs nothing and needs no public address.
// assumed: it is enough for managed Run Command; 168.63.129.16 is reachable in any case.
// https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview
resource virtualNetwork 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${name}'
  location: location
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        name: 'recovery'
        properties: {
          addressPrefix: addressPrefix
          networkSecurityGroup: {
            id: networkSecurityGroup.id
          }
          serviceEndpoints: [
            {
              service: 'Microsoft.Storage'
            }
          ]
        }
      }
    ]
  }
}

resource repairAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, repairPrincipalId, repairRoleId)
  properties: {
    roleDefinitionId: repairRoleId
    principalId: repairPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource recoveryAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, repairPrincipalId, recoveryRoleId)
  properties: {
    roleDefinitionId: recoveryRoleId
    principalId: repairPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource helperAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, repairPrincipalId, helperRoleId)
  properties: {
    roleDefinitionId: helperRoleId
    principalId: repairPrincipalId
    principalType: 'ServicePrincipal'
  }
}

@description('One entry of the setting RECOVERY_WORKBENCHES.')
output workbench string = '${location}=${virtualNetwork.id}/subnets/recovery'
