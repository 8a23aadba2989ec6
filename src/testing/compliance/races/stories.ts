import { expect } from '../rule.ts'
import type { Bench } from '../bench.ts'

/** Every address has a story: dropped, expanded or attempted; of a dial that has connected also not needed */
export async function stories (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates') {
    return
  }

  for (const script of [{ refuses: 20 }, { connects: 20 }]) {
    const trial = bench.begin()
    trial.script(bench.candidates, script)
    trial.give({ candidates: bench.candidates })
    await trial.rest()
    trial.checkAlive()

    for (const { id } of bench.candidates) {
      const story = trial.host.story.addresses.get(id)
      const ended = story?.dropped != null || story?.expanded != null || story?.attempts.some(({ result }) => result != null)
      expect(ended === true || ('connects' in script && story?.listed === true), `the dial has ${'connects' in script ? 'connected' : 'failed'}, and nothing says what became of ${id}`)
    }
  }
}
