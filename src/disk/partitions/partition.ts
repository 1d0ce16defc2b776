/** A partition as its table tells it. It may lie (in part) outside the disk: `sliceSource` answers that. */
export interface Partition {
  /** From 1; GPT: the entry's place in the table; MBR: 1–4 primary, logical ones from 5 on, as Linux numbers them. */
  readonly number: number;
  /** In bytes from the start of the disk. */
  readonly start: number;
  /** In bytes. */
  readonly size: number;
  /** MBR: the type byte, such as `0x07`; GPT: the type's GUID in lower case. */
  readonly typeId: string;
  readonly isEfiSystem: boolean;
  /** MBR only: the partition that a BIOS boots from. */
  readonly active?: boolean;
  /** GPT only: the name, and the identity that boot entries refer to. */
  readonly name?: string;
  readonly uniqueId?: string;
}

/** A disk's partition table. `diskId` is what boot entries know the disk by. */
export interface PartitionTable {
  readonly style: 'mbr' | 'gpt';
  /** MBR: the disk signature as eight hex digits; GPT: the disk's GUID. */
  readonly diskId: string;
  /** In bytes: what the table counts in. */
  readonly sectorSize: number;
  /** GPT: which copy of the table was sound. A `backup` means that the one at the start of the disk is damaged. */
  readonly readFrom: 'primary' | 'backup';
  readonly partitions: readonly Partition[];
  /** What of the table was not read, and where: a partition that is not listed may be in there. Empty if nothing. */
  readonly problems: readonly string[];
}
