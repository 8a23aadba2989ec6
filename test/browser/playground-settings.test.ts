import test from 'ava'
import { examples } from '../../docs/playground/examples.ts'
import { fromFragment, INITIAL, MAX_LINK, RANGES, toFragment, USUAL } from '../../docs/playground/settings.ts'
import { starters } from '../../docs/playground/starters.ts'
import { traceAt } from '../../docs/playground/trace-at.ts'
import { checkTrace } from '../../src/trace/check-trace.ts'
import { EVERYTHING } from '../trace/sample.ts'

test('a link holds only settings that differ from the default, and restores all of them', t => {
  t.is(toFragment({ network: USUAL, pipelines: [starters.adaptive.code] }), 'a=adaptive')

  for (const { network } of examples) {
    for (const pipelines of [[starters.ranking.code], [starters.stock.code, 'export default "own & <code> 100%"']]) {
      const { settings, isForeign } = fromFragment(`#${toFragment({ network, pipelines })}`)
      t.deepEqual(settings, { network, pipelines })
      t.is(isForeign, pipelines.length === 2)
    }
  }
})

test('an empty link restores the initial settings', t => {
  t.deepEqual(fromFragment(''), { settings: INITIAL, isForeign: false })
})

test('numbers in a hostile link are clamped to their ranges', t => {
  for (const value of ['1e9', '-5', 'NaN', 'Infinity', '', ' ', '1.5', '0x10', '<b>', '__proto__', '9'.repeat(400)]) {
    const { network } = fromFragment(Object.keys(RANGES).map(name => `${name}=${encodeURIComponent(value)}`).join('&')).settings

    for (const [name, [lowest, highest]] of Object.entries(RANGES)) {
      const number = network[name as keyof typeof RANGES]
      t.true(Number.isInteger(number) && number >= lowest && number <= highest, `${name}=${value}`)
    }
  }
})

test('unknown keys and names of Object\'s prototype in a hostile link are ignored', t => {
  const { settings, isForeign } = fromFragment('#__proto__=1&constructor=2&silent=3&a=constructor&b=__proto__&c=third')
  t.deepEqual(settings, { network: { ...USUAL, silent: 3 }, pipelines: ['constructor', '__proto__'] })
  t.true(isForeign)
  t.notThrows(() => fromFragment('#a=%E0%A4%A&%%%=1'))
})

test('a link over the length limit is ignored', t => {
  t.deepEqual(fromFragment(`#a=${'x'.repeat(MAX_LINK)}`), { settings: INITIAL, isForeign: false })
})

test('traceAt() returns a valid trace without anything that happened later', t => {
  for (let time = 0; time <= 400; time += 10) {
    const then = traceAt(EVERYTHING, time)
    t.notThrows(() => { checkTrace('test()', then) })
    t.true(then.candidates.every(({ attempts }) => attempts.every(({ plannedAt, endedAt = 0, marks }) => plannedAt <= time && endedAt <= time && marks.every(({ at }) => at <= time))))
    t.is(then.outcome, time < 300 ? 'running' : 'connected')
    t.is(then.connection == null, time < 300)
  }

  t.deepEqual(JSON.parse(JSON.stringify(traceAt(EVERYTHING, 400))), JSON.parse(JSON.stringify(EVERYTHING)))
})
