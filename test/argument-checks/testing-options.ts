import * as presets from '../../presets/index.ts'
import * as stages from '../../src/stages/index.ts'
import * as testing from '../../src/testing/index.ts'
import * as traces from '../../src/trace/index.ts'
import { traced } from '../trace/sample.ts'
import { refusing } from './refusal.ts'
import { addresses, belief, callback, clock, components, count, flag, fn, nested, number, oneOf, option, peers, positive, positiveMs, probability, simulated, width } from './values.ts'
import type { CheckedFunction } from './refusal.ts'

/** Options of `./testing` and `./trace` */
export const TESTING_FUNCTIONS: Record<string, CheckedFunction> = {
  compliance: {
    make: options => testing.compliance(() => stages.take(1), options),
    options: { from: option([['candidates']], ['candidates', ['lists'], []]), components: callback, candidates: callback, options: nested, timeLimit: positiveMs, restoresDropped: flag, connection: nested }
  },
  testDial: { make: testing.testDial, options: { components: option([components], [fn]), peerId: peers, multiaddrs: addresses, options: nested }, required: { components } },
  simulatedNetwork: {
    make: testing.simulatedNetwork,
    options: {
      addresses: option([[{ transport: 'quic' }]], [[], { transport: 'quic' }, ['quic'], [null]]),
      seed: option([0, 20_261_128], ['1', {}]),
      online: probability,
      roundTrip: positive,
      spread: positive,
      oneHost: flag,
      jitter: number([0, 0.5], [-0.1, Infinity]),
      loss: probability,
      upgrades: probability
    },
    required: { addresses: [{ transport: 'tcp' }] }
  },
  'simulatedNetwork, addresses': {
    make: kind => testing.simulatedNetwork({ addresses: [kind] }),
    options: {
      transport: oneOf('tcp', 'ws', 'wss', 'quic', 'webtransport', 'webrtc-direct', 'relay'),
      version: option([4, 6], [5, '4']),
      count,
      good: probability,
      refuses: probability,
      stalls: probability,
      roundTrip: positive
    },
    required: { transport: 'tcp' }
  },
  renderPlan: { make: options => traces.renderPlan({ version: 1, target: { addresses: [] }, pipeline: { stages: [] }, sources: [], awaited: [], addresses: [] }, options), options: { width }, error: refusing },
  renderTrace: { make: options => traces.renderTrace(traced(), options), options: { width }, error: refusing },
  renderWaterfall: { make: options => traces.renderWaterfall(traced(), options), options: { width: number([320, 4_096], [319, 4_097, Infinity]), until: positive }, error: refusing },
  simulatedNode: { make: options => testing.simulatedNode(presets.stock(), options), options: { belief: nested, seed: option([0, 1.5], ['1', {}]) } },
  simulate: {
    make: options => testing.simulate(presets.stock(), options),
    options: {
      network: option([simulated], [{}, { addresses: [] }]),
      peers: count,
      first: count,
      knows: oneOf('nothing', 'others', 'peers'),
      belief: nested,
      seed: option([0, 1.5], ['1', {}]),
      options: nested
    },
    required: { network: simulated, peers: 0 }
  },
  History: { make: options => new testing.History(clock, options), options: { belief: nested }, error: refusing },
  'History, belief': { make: prior => new testing.History(clock, { belief: prior }), options: belief, error: refusing },
}
