import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { candidate } from '../../src/pipeline/candidate.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { certified } from '../../src/stages/certified.ts'
import { converge } from '../../src/stages/converge.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { gater } from '../../src/stages/gater.ts'
import { libp2pOrder } from '../../src/stages/libp2p-order.ts'
import { race } from '../../src/stages/race.ts'
import { resolve } from '../../src/stages/resolve.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { take } from '../../src/stages/take.ts'
import { compliance } from '../../src/testing/compliance/index.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { AnyStageInit } from '../../src/pipeline/types.ts'

function complies (title: string, make: () => AnyStageInit, fixture: ComplianceFixture = {}): void {
  for (const { name, run } of compliance(make, fixture)) {
    test.serial(`${title}: ${name}`, async t => {
      await t.notThrowsAsync(run())
    })
  }
}

complies('from-caller', () => fromCaller())
complies('from-peer-store', () => fromPeerStore())
complies('from-routing', () => fromRouting())
complies('certified', () => certified())
complies('dialable', () => dialable())
complies('gater', () => gater())
complies('libp2p-order', () => libp2pOrder())
complies('take', () => take(2))
complies('stagger', () => stagger())
complies('sequential', () => sequential())
complies('race', () => race())
complies('pipeline race', () => pipeline(fromCaller(), race()))
complies('resolve', () => resolve())
complies('converge', () => converge())
