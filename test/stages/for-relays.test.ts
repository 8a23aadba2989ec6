// docs/reference/relays.md lists what the dial of a relay inherits
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pipelineOf } from '../../src/pipeline/pipeline.ts'
import * as stages from '../../src/stages/index.ts'
import { behindRelay, circuit, RELAY } from '../dialer/behind-relay.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { root } from '../support/root.ts'
import { FOUND, IDS, REFUSING, ROWS, STORED } from './relay-rows.ts'
import type { AnyStage, DialPipeline } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'
import type { Row } from './relay-rows.ts'

const nodesOwn = stages.source('own-of-node', ({ target }) => RELAY.equals(target.peerId) ? [multiaddr(FOUND)] : [])

/** Returns the pipeline of a row, with its stage or without */
function pipelineOfRow ({ kind, above = [] }: Row, stage?: AnyStage): DialPipeline {
  const whole = {
    source: [stage ?? nodesOwn, stages.race()],
    race: [stages.fromPeerStore(), stage ?? stages.race()],
    other: [stages.fromPeerStore(), ...above, ...stage == null ? [] : [stage], stages.race()]
  }

  return pipelineOf(whole[kind ?? 'other'])
}

/**
 * Returns the attempts of the first dial of the relay with their delays, when no address answers. `of` is the
 * target of the test's dial: the relay, or the peer behind it
 */
async function attemptsAtRelay (t: ExecutionContext, { stored = STORED, components, targets = IDS }: Row, of: 'peer' | 'relay', own: DialPipeline, pipeline?: DialPipeline): Promise<string[]> {
  const { engine, clock, network, components: node } = behindRelay(own)
  const addressesOf = (id: PeerId): readonly string[] => RELAY.equals(id) ? stored : [circuit().toString()]
  node.peerStore.get = async (id: PeerId) => {
    const addresses = addressesOf(id).map(one => ({ multiaddr: multiaddr(one), isCertified: !RELAY.equals(id) || one === stored.at(-1) }))
    const certified = addresses.filter(({ isCertified }) => isCertified).map(one => one.multiaddr)

    return { id, addresses, peerRecordEnvelope: await recordOf(id, certified) } as any
  }
  Object.assign(node, components)
  REFUSING.concat(stored).forEach(address => { network.script(address, { refuses: 600 }) })

  const { dial } = engine
  let first: { from: number, to: number } | undefined

  engine.dial = async (target, options) => {
    const isFirst = first == null && (of === 'relay' || target === RELAY)
    const span = { from: clock.now(), to: Infinity }
    first = isFirst ? span : first

    return dial.call(engine, target, options).finally(() => { span.to = clock.now() })
  }

  await t.throwsAsync(clock.until(engine.dial(targets[of === 'peer' ? 0 : 1], { pipeline })))

  return network.attempts.flatMap(({ multiaddr, at }) => {
    const { from, to } = first ?? { from: Infinity, to: Infinity }

    return at < from || at > to || multiaddr.includes('p2p-circuit') ? [] : [`${multiaddr.split('/p2p/')[0]} @${at - from}`]
  })
}

const section = readFileSync(join(root, 'docs/reference/relays.md'), 'utf8').split('\n## Which stages are inherited\n')[1]?.split('\n## ')[0] ?? ''
const lines = section.split('\n').filter(line => line.startsWith('| `')).map(line => line.split('|').map(cell => cell.trim()))
const entries = lines.flatMap(([, names = '', inherits = '']) => names.split(/, (?=`)/).map(text => {
  const [, name = '', more = ''] = /^`(\w+)`(.*)$/.exec(text) ?? []

  return { name: `${name}${more.includes('minScore') ? more : ''}`, inherits }
}))

for (const { name, inherits } of entries) {
  const row = ROWS[name] as Row

  test(`the dial of a relay ${inherits.replace(' it', ` ${name}`)}, as docs/reference/relays.md says`, async t => {
    const [plain, whole] = [pipelineOfRow(row), pipelineOfRow(row, row.make({}))]
    const without = await attemptsAtRelay(t, row, 'relay', plain)
    const through = await attemptsAtRelay(t, row, 'relay', plain, whole)

    if (row.unseen == null) {
      t.notDeepEqual(through, without)
    }

    t.deepEqual(await attemptsAtRelay(t, row, 'peer', plain, whole), inherits.startsWith('inherits') ? through : without, 'in a pipeline that is passed to the dial')
    t.deepEqual(await attemptsAtRelay(t, row, 'peer', whole), row.isForRelays === false ? without : through, 'in the pipeline of the node')
  })

  if (inherits.includes('forRelays')) {
    test(`the dial of a relay goes without ${name} that has forRelays: false`, async t => {
      const [plain, whole] = [pipelineOfRow(row), pipelineOfRow(row, row.make({ forRelays: false }))]
      const without = await attemptsAtRelay(t, row, 'relay', plain)

      t.deepEqual(await attemptsAtRelay(t, row, 'peer', plain, whole), without, 'in a pipeline that is passed to the dial')
      t.deepEqual(await attemptsAtRelay(t, row, 'peer', whole), without, 'in the pipeline of the node')
    })
  }
}

/** Stages after a race or around an attempt, and exports that are not stages */
const OTHERS = new Set([
  'advice', 'attemptRetry', 'attemptTimeout', 'candidate', 'converge', 'isFinal', 'isSilence', 'isWrongPeer', 'merge',
  'peerOf', 'pipeline', 'pipelineOf', 'requireProtocol', 'sleep', 'verify'
])

test('docs/reference/relays.md says for each stage above a race whether a relay\'s dial inherits it', t => {
  const listed = new Set(entries.map(({ name }) => name.split(' ')[0]))

  for (const [name, value] of Object.entries<unknown>(stages)) {
    if (typeof value === 'function' && !value.toString().startsWith('class')) {
      t.not(listed.has(name), OTHERS.has(name), name)
    }
  }
})
