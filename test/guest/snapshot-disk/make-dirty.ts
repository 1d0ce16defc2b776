/** Cuts a hive off while it is written: `tsx make-dirty.ts BEFORE AFTER HIVE LOG`; run by make-images.sh. */
import { readFileSync, writeFileSync } from 'node:fs';
import { changedPages, logWithEntries, withSequences } from '../../disk/registry/support/log-writer';

const [, , before = '', after = '', hive = '', log = ''] = process.argv;
const old = readFileSync(before);
const dirty = withSequences(old, 8, 7);
writeFileSync(hive, dirty);
writeFileSync(log, logWithEntries(dirty, [{ sequence: 7, pages: changedPages(old, readFileSync(after)) }]));
