import * as presets from '../../presets/index.ts'
import * as stages from '../../src/stages/index.ts'
import { address, callback, count, finiteMs, flag, fn, limit, ms, name, names, number, numbers, oneOf, option, optionNames, peer, positiveLimit, probability, race, resolvers, when, whole } from './values.ts'
import type { CheckedFunction } from './refusal.ts'

/** Options of stages and presets */
export const STAGE_FUNCTIONS: Record<string, CheckedFunction> = {
  source: { make: options => stages.source('sample', fn, options), options: { when, provenance: name, limit: count, live: flag, options: optionNames } },
  filter: { make: options => stages.filter('sample', fn, options), options: { options: optionNames, forRelays: flag } },
  expand: { make: options => stages.expand('sample', fn, options), options: { options: optionNames, forRelays: flag } },
  rankBy: { make: options => stages.rankBy('sample', fn, options), options: { options: optionNames } },
  hold: { make: options => stages.hold('sample', fn, options), options: { options: optionNames } },
  pace: { make: options => stages.pace('sample', fn, options), options: { options: optionNames } },
  when: { make: options => stages.when(() => true, stages.take(1), options), options: { options: optionNames } },
  retry: { make: options => stages.retry(race, options), options: { retries: limit, delay: finiteMs } },
  prefer: { make: options => stages.prefer(fn, options), options: { after: ms, options: optionNames } },
  onlyIfNone: { make: options => stages.onlyIfNone(fn, options), options: { after: ms, options: optionNames, forRelays: flag } },
  stage: { make: options => stages.stage('sample', fn, options), options: { perNode: callback, options: optionNames, forRelays: flag } },
  'stage, below a race': {
    make: stages.stage as (options: any) => unknown,
    options: { name, accepts: option([['connections']], ['connections', ['lists'], []]), yields: oneOf('connections'), options: optionNames, run: callback },
    required: { name: 'sample', accepts: ['connections'], yields: 'connections', run: fn }
  },
  candidate: { make: options => stages.candidate(address, peer, options), options: { isCertified: flag, provenance: option([[], [{ source: 'user' }]], [{ source: 'user' }, ['user'], [{}], [null]]) } },
  attemptRetry: { make: options => stages.attemptRetry(1, options), options: { delay: finiteMs } },
  backoff: { make: stages.backoff, options: { base: finiteMs, factor: finiteMs, max: finiteMs } },
  byHistory: { make: stages.byHistory, options: { costPerDial: finiteMs, explore: probability } },
  byReputation: { make: options => stages.byReputation(fn, options), options: { minScore: number([-Infinity, -1, 0.5]), options: optionNames, forRelays: flag } },
  converge: { make: stages.converge, options: { linger: ms } },
  fromAddressBook: { make: stages.fromAddressBook, options: { when, limit: count } },
  fromBootstrap: { make: options => stages.fromBootstrap([whole], options), options: { spreadBy: oneOf('operator', 'prefix'), when } },
  fromKnown: { make: stages.fromKnown, options: { when, limit: count } },
  fromPeerStore: { make: stages.fromPeerStore, options: { when, limit: count } },
  fromRouting: { make: stages.fromRouting, options: { when: oneOf('always', 'empty', 'exhausted', 'stale') } },
  giveUp: { make: stages.giveUp, options: { attempts: positiveLimit } },
  libp2pOrder: { make: stages.libp2pOrder, options: { addressSorter: callback } },
  oddsPace: { make: stages.oddsPace, options: { costPerDial: finiteMs } },
  provenance: { make: stages.provenance, options: { include: names, exclude: names }, defined: ['include', 'exclude'] },
  quota: { make: stages.quota, options: { source: numbers(1, -1), reporter: limit, excess: oneOf('drop', 'last') } },
  race: { make: stages.race, options: { attempt: option([[], [stages.attemptTimeout()]], [stages.attemptTimeout(), ['text']]) } },
  resolve: { make: stages.resolve, options: { resolvers } },
  verify: { make: options => stages.verify(fn, options), options: { timeout: ms } },
  adaptive: { make: presets.adaptive, options: { costPerDial: finiteMs } },
  fromConnectionManagerInit: { make: presets.fromConnectionManagerInit, options: { addressDialTimeout: ms, addressSorter: callback, maxPeerAddrsToDial: limit, resolvers } }
}
