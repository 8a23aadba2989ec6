import test from 'ava'
import { certifiedOnly } from '../../presets/certified-only.ts'
import { staggered } from '../../presets/staggered.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { bans } from '../../src/stages/bans.ts'
import { certified } from '../../src/stages/certified.ts'
import { provenance } from '../../src/stages/provenance.ts'

const edited: any = staggered()
const list = 'from-caller, from-known, from-routing, resolve, dialable, gater, libp2p-order, take, stagger, race'

for (const [what, edit, message] of [
  ['after with two stages', () => edited.after('resolve', bans(), certified()), 'after() puts in one stage, and was given 2: write .after(\'resolve\', pipeline(…)) with all of them, or one .after() for each'],
  ['before with three stages', () => edited.before('take', bans(), certified(), provenance()), 'before() puts in one stage, and was given 3: write .before(\'take\', pipeline(…)) with all of them, or one .before() for each'],
  ['replace with two stages', () => edited.replace('take', bans(), certified()), 'replace() puts in one stage, and was given 2: write .replace(\'take\', pipeline(…)) with all of them, or one .replace() for each'],
  ['after with options behind the stage', () => edited.after('resolve', certified(), { forRelays: false }), 'after() takes the name of a stage and the stage to put in, and was given an object with forRelays beside them'],
  ['without with two names', () => edited.without('gater', 'take'), 'without() takes out one stage, and was given 2: write .without(\'gater\').without(\'take\')'],
  ['without with something behind the name', () => edited.without('gater', bans()), 'without() takes the name of a stage, and was given the stage "bans" beside it'],
  ['after without a stage', () => edited.after('resolve'), 'after() needs the stage to put in: write .after(\'resolve\', …)'],
  ['replace without a stage', () => edited.replace('take'), 'replace() needs the stage to put in: write .replace(\'take\', …), or .without(\'take\') to take that one out'],
  ['after without a name', () => edited.after(provenance()), `after() needs the name of a stage first, not the stage "provenance": write .after('…', …). The pipeline has: ${list}`],
  ['replace without anything', () => edited.replace(), `replace() needs the name of a stage first, not undefined: write .replace('…', …). The pipeline has: ${list}`],
  ['without with an array', () => edited.without(['gater', 'take']), `without() needs the name of a stage first, not an array of 2: write .without('…'). The pipeline has: ${list}`]
] as const) {
  test(`${what} is refused, and the error says what to write`, t => {
    t.throws(edit, { name: 'InvalidPipelineError', message })
  })
}

test('a pipeline of several stages is put in as one, as the error advises', t => {
  t.deepEqual(certifiedOnly().after('gater', pipeline(bans(), certified())).stages.map(({ name }) => name), ['from-known', 'from-caller', 'certified', 'dialable', 'gater', 'pipeline', 'libp2p-order', 'take', 'stagger', 'race'])
})
