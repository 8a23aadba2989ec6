import test from 'ava'
import { waterfall } from '../../src/cli/waterfall.ts'
import { attempt, candidate, traced } from '../trace/sample.ts'
import type { Context } from '../../src/cli/context.ts'

/** Writes the name of each colour beside its text */
const paint = new Proxy({}, { get: (_, colour) => (text: string) => `<${String(colour)}>${text}` })
const lines = (...args: Parameters<typeof traced>): string[] => waterfall(traced(...args), { paint, columns: 80 } as unknown as Context).split('\n')

test('the waterfall has the colour of the outcome for each source and address', t => {
  const [, result, answered, failed, connected, refused] = lines({
    outcome: 'connected',
    sources: [{ stage: 'tracker', askedAt: 0, endedAt: 10, addresses: 2 }, { stage: 'routing', askedAt: 0, endedAt: 10, addresses: 0, error: { name: 'Error', message: 'no route' } }],
    candidates: [candidate(1, { attempts: [attempt(10, 100, { outcome: 'connected' })] }), candidate(2, { attempts: [attempt(20, 50, { outcome: 'failed', error: { name: 'Error', message: 'refused' } })] })]
  })

  t.regex(result ?? '', /^<green>/)
  t.regex(answered ?? '', /^tracker .*<magenta>[^<]*$/)
  t.regex(failed ?? '', /^routing .*<red>[^<]*no route/)
  t.regex(connected ?? '', /<green>connected/)
  t.regex(refused ?? '', /<red>[^<]*refused/)
})

test('the waterfall counts the addresses that have no line', t => {
  const all = { candidates: [1, 2, 3, 4].map(n => candidate(n, { attempts: [attempt(0, 100)] })) }
  const count = (rows: number, omitted = 0): string[] => waterfall(traced({ ...all, omitted: { candidates: omitted } }), { paint, columns: 80 } as unknown as Context, { rows }).split('\n').slice(2)

  t.is(count(4).length, 4)
  t.is(count(3).at(-1), '<gray>… and 2 more')
  t.is(count(3).length, 3)
  t.is(count(4, 7).at(-1), '<gray>… and 7 more')
})
