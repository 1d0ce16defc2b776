import {
  DISK_ATTACH_MS,
  DISK_COPY_MS,
  DISK_DETACH_MS,
  POWER_OFF_MS,
  RUN_COMMAND_START_MS,
  SNAPSHOT_CREATE_MS,
  START_MS,
  VM_UPDATE_MS,
} from '../../../local/azure/durations';

/** What Azure takes between power-off and power-on by itself, one after the other, without what the scripts do; in s. */
export const downtimeOfAzure =
  (POWER_OFF_MS +
    SNAPSHOT_CREATE_MS +
    DISK_COPY_MS +
    DISK_ATTACH_MS +
    // Bring online, look, change, look again, let go.
    5 * RUN_COMMAND_START_MS +
    DISK_DETACH_MS +
    VM_UPDATE_MS +
    START_MS) /
  1000;
