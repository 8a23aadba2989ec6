// docs/stages.md says what the dial of a relay inherits
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { isInherited } from '../../src/pipeline/dial-policy.ts'
import * as stages from '../../src/stages/index.ts'
import { newPeer } from '../helpers/scripted.ts'
import { root } from '../support/root.ts'
import type { AnyStageInit } from '../../src/pipeline/types.ts'

const { race, publicOnly } = stages
const fn = (): any => true
const bootstrap = multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${await newPeer()}`)
const byHand = { name: 'by-hand', accepts: ['candidates'], yields: 'candidates', run: (lists: any) => lists } as const

/** Makes stages that take arguments. `forRelays` is passed to those that take it */
const MAKE: Record<string, (options: { forRelays?: boolean }) => AnyStageInit> = {
  addressSorter: () => stages.addressSorter(() => 0),
  'byReputation with `least`': options => stages.byReputation(fn, { least: 1, ...options }),
  'byReputation without `least`': () => stages.byReputation(fn),
  expand: options => stages.expand('own', one => [one], options),
  fallback: () => stages.fallback(race()),
  filter: options => stages.filter('own', fn, options),
  fromBootstrap: () => stages.fromBootstrap([bootstrap]),
  gather: () => stages.gather(1),
  onlyIfNone: options => stages.onlyIfNone(fn, options),
  order: () => stages.order('own', all => all),
  pace: () => stages.pace('own', above => above),
  prefer: () => stages.prefer(fn),
  rank: () => stages.rank('own', () => 0),
  retry: () => stages.retry(race()),
  sift: options => stages.sift('own', () => fn, options),
  source: () => stages.source('own', () => []),
  stage: options => stages.stage({ ...byHand, ...options }),
  timeout: () => stages.timeout(1, race()),
  transports: () => stages.transports('tcp'),
  when: () => stages.when(fn, publicOnly())
}

function make (name: string, options: { forRelays?: boolean } = {}): AnyStageInit {
  return MAKE[name]?.(options) ?? (stages as any)[name]()
}

const section = readFileSync(join(root, 'docs/stages.md'), 'utf8').split('\n## Relays\n')[1]?.split('\n## ')[0] ?? ''
const rows = section.split('\n').filter(line => line.startsWith('| `')).map(line => line.split('|').map(cell => cell.trim()))
const entries = rows.flatMap(([, names = '', inherits = '']) => names.split(/, (?=`)/).map(text => {
  const [, name = '', more = ''] = /^`(\w+)`(.*)$/.exec(text) ?? []

  return { name: `${name}${more.includes('least') ? more : ''}`, inherits }
}))

for (const { name, inherits } of entries) {
  test(`the dial of a relay ${inherits.replace(' it', ` ${name}`)}, as docs/stages.md says`, t => {
    t.is(isInherited(make(name)), inherits.startsWith('inherits it'))

    if (inherits.includes('forRelays')) {
      t.false(isInherited(make(name, { forRelays: false })))
    }
  })
}

/** What stands below a race or around an attempt, and what is no stage */
const OTHERS = new Set([
  'attemptRetry', 'attemptTimeout', 'candidate', 'connectionPreference', 'converge', 'defaultPace', 'describeValue', 'every', 'isFinal', 'isPipelineFault', 'isSilence',
  'isWrongPeer', 'merge', 'peerOf', 'pipeline', 'pipelineOf', 'requireProtocol', 'sleep', 'toError', 'verify'
])

test('docs/stages.md says of every stage above a race whether the dial of a relay inherits it', t => {
  const listed = new Set(entries.map(({ name }) => name.split(' ')[0]))

  for (const [name, value] of Object.entries<unknown>(stages)) {
    if (typeof value === 'function' && !value.toString().startsWith('class')) {
      t.not(listed.has(name), OTHERS.has(name), name)
    }
  }
})
