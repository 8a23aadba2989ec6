import { recordOf } from '../helpers/signing-peer.ts'
import { bareAddress, PEER, runStage } from '../testing/try-out.ts'
import type { ScriptedComponentsInit } from '../../src/testing/scripted-components.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'
import type { ExecutionContext } from 'ava'

/** A peer store that marks some addresses as certified and has a record of others. It counts the copies of the record for verification */
export async function peerStoreOf (stored: readonly number[], signed: readonly number[] | undefined): Promise<{ components: Partial<ScriptedComponentsInit>, verified: () => number }> {
  const record = signed == null ? undefined : await recordOf(PEER, signed.map(bareAddress))
  let verified = 0

  return {
    components: {
      stored: stored.map(n => ({ multiaddr: bareAddress(n), isCertified: true })),
      peerRecordEnvelope: record == null ? undefined : Object.defineProperty(Uint8Array.from(record), Symbol.iterator, { get: () => { verified++; return record[Symbol.iterator] } })
    },
    verified: () => verified
  }
}

/** Runs a stage for a peer whose store marks the addresses `stored`, and has a record of `signed` */
export async function runOnStored (t: ExecutionContext, stage: AnyStage, stored: readonly number[], signed?: readonly number[]): Promise<StageRun> {
  const { components } = await peerStoreOf(stored, signed)

  return runStage(t, stage, [], { from: 'target', components: () => components })
}
