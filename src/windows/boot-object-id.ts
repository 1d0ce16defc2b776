/** How a boot configuration store calls its objects: by GUID, in lower case, whether bcdedit prints it or the hive holds it. */

/** An object's name. An alias such as `{current}` means something on one machine only, and is none. */
export const bootObjectId = /^\{[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}$/;

/** `{bootmgr}`: https://learn.microsoft.com/windows-hardware/drivers/devtest/boot-options-identifiers lists the names. */
export const bootManagerId = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
