/** What the operations of Microsoft.Compute share. */
import type { ScriptRunner } from '../../windows/agent';
import type { SignedAccess } from '../blob/signed-access';
import type { LongRunningOperations } from '../long-running-operations';
import type { World } from '../world';

export interface ComputeContext {
  world: World;
  operations: LongRunningOperations;
  runScript: ScriptRunner;
  signedAccess: SignedAccess;
}
