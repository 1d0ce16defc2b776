import { acceptedAtOf } from '../repair-id';
import { mergeTags, type Tags } from '../resource-tags';
import type { Settings } from '../settings';
import type { AboutRepair } from './input';

/**
 * The tags on everything that we create: whose it is and for which VM, and what the setting RESOURCE_TAGS has besides, because a policy
 * may demand it. Ours win.
 */
export function tagsOf(about: AboutRepair, { resourceTags }: TagSettings): Tags {
  return mergeTags(ownTags(about), resourceTags);
}

/** The same, with when it expires. */
export function expiringTagsOf(about: AboutRepair, settings: Settings): Tags {
  return mergeTags(ownTags(about), expiryTag(about, settings), settings.resourceTags);
}

/**
 * The tags of a copy that may become the VM's disk: ours, then the original's, then those of the setting. So what the owner has said of
 * this disk stays, and the setting only fills in what the original lacks. Where all are more than Azure allows, the last ones are left out.
 */
export function tagsOfCopy(about: AboutRepair, settings: Settings, original: Tags | undefined): Tags {
  return mergeTags(ownTags(about), expiryTag(about, settings), original, settings.resourceTags);
}

type TagSettings = Pick<Settings, 'resourceTags'>;

function ownTags({ repairId, vmId }: AboutRepair): Tags {
  // A tag's value may have 256 characters; a VM's id can be longer.
  return { 'rdp-lifeline-repair': repairId, 'rdp-lifeline-vm': vmId.slice(-256) };
}

function expiryTag(about: AboutRepair, settings: Settings): Tags {
  return { 'rdp-lifeline-expires': expiryOf(about, settings) };
}

/** When what a repair keeps expires (ISO 8601): the same at every call, counted from the time in the repair's id. */
export function expiryOf({ repairId }: AboutRepair, { snapshotRetentionDays }: Settings): string {
  return new Date(acceptedAtOf(repairId) + snapshotRetentionDays * 24 * 60 * 60_000).toISOString();
}
