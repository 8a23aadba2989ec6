import test from 'ava'
import { renderWaterfall } from '../../src/trace/svg.ts'
import { attempt, candidate, EVERYTHING, PEER, traced } from './sample.ts'
import type { DialTrace } from '../../src/trace/types.ts'

/** Returns the visible texts from top to bottom */
const texts = (svg: string): string[] => Array.from(svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g), ([, text = '']) => text)
/** Returns the start and end of each bar in pixels */
const bars = (svg: string): number[][] => Array.from(svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="8" class/g), ([, x, width]) => [Number(x), Number(x) + Number(width)])
const hasText = (svg: string, text: string): boolean => texts(svg).some(one => one.includes(text))

/** Throws when tags are not closed in order, or a character is invalid in XML */
function checkWellFormed (svg: string): void {
  const open: string[] = []

  for (const [, end, name = '', isEmpty] of svg.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*(\/?)>/g)) {
    if (end === '/') {
      if (open.pop() !== name) {
        throw new Error(`</${name}> closes nothing`)
      }
    } else if (isEmpty !== '/') {
      open.push(name)
    }
  }

  const rest = svg.replace(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*(\/?)>/g, '')

  if (open.length > 0 || /<|&(?!(?:amp|lt|gt|quot|apos);)/.test(rest) || !svg.isWellFormed()) {
    throw new Error(`not well-formed: ${open.join(' ')} ${rest}`)
  }
}

test('the SVG says what became of each address, each source and the dial', t => {
  const svg = renderWaterfall(EVERYTHING)
  checkWellFormed(svg)

  for (const text of ['connected in 300 ms over /ip4/203.0.113.3/tcp/4001', 'connected in 100 ms', 'refused', 'cancelled', 'in flight', 'waits', 'connected, but speaks another protocol', 'dropped by gater: denied', 'became 2 addresses (resolve)', 'held by backoff', 'not needed', '6 addresses', 'disk is full', 'has not answered']) {
    t.true(hasText(svg, text), text)
  }

  t.true(hasText(svg, `dial ${PEER}`))
  t.is(svg.split('connect ECONNREFUSED').length, 2, 'in a tooltip')
})

test('a bar spans its attempt, divided at its marks', t => {
  const svg = renderWaterfall(traced({ candidates: [candidate(1, { attempts: [attempt(0, 100, { marks: [{ name: 'opened', at: 25 }, { name: 'encrypted', at: 50 }] })] }), candidate(2, { attempts: [attempt(50, 100)] })] }), { until: 100 })
  const [begin = 0, end = 0] = [bars(svg)[0]?.[0], bars(svg).at(-1)?.[1]]
  const at = (share: number): number => Math.round((begin + (end - begin) * share) * 10) / 10

  t.deepEqual(bars(svg), [[begin, at(0.25)], [at(0.25), at(0.5)], [at(0.5), end], [at(0.5), end]])
})

test('attempts that wait or are in flight are drawn to the end of the axis', t => {
  const svg = renderWaterfall(traced({ candidates: [candidate(1, { attempts: [attempt(100)] }), candidate(2, { attempts: [attempt(200, 400)] })] }))

  t.is(bars(svg)[0]?.[1], bars(svg)[1]?.[1])
  t.regex(renderWaterfall(traced({ candidates: [candidate(1, { attempts: [attempt(100, 400, { plannedAt: 10 })] })] })), /class="wait"/)
})

test('an attempt in flight is drawn to the time when the trace was made', t => {
  const [at100, at50] = [100, 50].map(madeAt => bars(renderWaterfall(traced({ madeAt, candidates: [candidate(1, { attempts: [attempt(0)] })] }), { until: 100 }))[0] as [number, number])

  t.is(at50?.[1], ((at100?.[0] ?? 0) + (at100?.[1] ?? 0)) / 2)
})

test('a time axis is at least 1 ms long', t => {
  const [least, one] = [Number.MIN_VALUE, 1].map(until => renderWaterfall(traced({ endedAt: 100 }), { until }))
  t.is(least, one)
})

test('the first label of a time axis starts at its tick, the last ends there, and others are centred', t => {
  const anchors = Array.from(renderWaterfall(traced({ endedAt: 100 }), { until: 1_000 }).matchAll(/text-anchor="(\w+)"[^>]*>(\d+(?: ms)?)</g), ([, anchor, label]) => `${label} ${anchor}`)

  t.deepEqual([anchors[0], anchors[1], anchors.at(-1)], ['0 start', '200 middle', '1000 ms end'])
})

test('the until option gives two dials the same axis', t => {
  const short = renderWaterfall(traced({ endedAt: 100 }), { until: 1_000 })

  t.true(hasText(short, '1000 ms'))
  t.false(hasText(renderWaterfall(traced({ endedAt: 100 })), '1000 ms'))
})

test('the SVG says when a dial failed, and its error if there is one', t => {
  const failed = traced({ outcome: 'failed', endedAt: 100 })

  t.true(renderWaterfall(failed).includes(`dial ${PEER}: failed after 100 ms"`))
  t.true(renderWaterfall({ ...failed, error: { name: 'DialError', message: 'nobody there' } }).includes(`dial ${PEER}: failed after 100 ms: nobody there"`))
})

test('foreign texts are escaped in the SVG', t => {
  const evil = '/dns4/<script>alert(1)</script>&"\'\u0000\u202E\uD800\uFFFF/tcp/1'
  const svg = renderWaterfall(traced({
    target: { peer: `<b onload="x">`, addresses: [] },
    error: { name: evil, message: evil },
    outcome: 'failed',
    sources: [{ stage: evil, askedAt: 0, endedAt: 1, addresses: 0, error: { name: evil, message: evil } }],
    candidates: [candidate(evil, { attempts: [attempt(0, 1, { outcome: 'failed', error: { name: evil, message: evil } })] }), candidate(evil, { verdicts: [{ stage: evil, verdict: 'dropped', reason: evil }] })]
  }))
  checkWellFormed(svg)

  // U+FFFF is no character of XML
  t.notRegex(svg, /<script|<b |[\0\u202E\uFFFF]/)
  t.regex(svg, /&lt;script&gt;/)
})

test('long addresses are clipped in the middle, and whole in the tooltip', t => {
  const address = `/dns4/${'a-very-long-name.'.repeat(8)}example/tcp/443/tls/ws`
  const svg = renderWaterfall(traced({ candidates: [candidate(address, { attempts: [attempt(0, 1)] })] }))

  t.true(texts(svg).some(text => /^\/dns4\/a-very.*….*\/tls\/ws$/.test(text)))
  t.regex(svg, new RegExp(`<title>${address}: cancelled`))
})

test('the SVG of hundreds of addresses stays small and counts the omitted ones', t => {
  const many = Array.from({ length: 300 }, (_, i) => candidate(`/dns4/${'x'.repeat(2_000)}${i}/tcp/1`, { attempts: Array.from({ length: 64 }, () => attempt(0, 1)) }))
  const dropped = Array.from({ length: 300 }, (_, i) => candidate(i, { verdicts: [{ stage: 'gater', verdict: 'dropped', reason: 'x'.repeat(2_000) }] }))
  const svg = renderWaterfall(traced({ candidates: [...many, ...dropped], omitted: { candidates: 7 } }))
  checkWellFormed(svg)

  t.true(svg.length < 1_000_000, String(svg.length))
  t.true(hasText(svg, '… and 252 more addresses that were attempted'))
  t.true(hasText(svg, '… and 259 more addresses'))
})

test('the SVG has no invalid numbers for any times', t => {
  for (const time of [-1e300, -1, 0, 1e-9, 1e300]) {
    const svg = renderWaterfall(traced({ endedAt: time, settledAt: time, candidates: [candidate(1, { attempts: [attempt(time, time, { marks: [{ name: 'opened', at: -time }] })] })] }))
    checkWellFormed(svg)

    t.notRegex(svg, /NaN|Infinity/, String(time))
  }
})

test('the SVG of an empty dial is well-formed', t => {
  for (const trace of [traced(), traced({ target: { addresses: ['/ip4/203.0.113.1/tcp/1'] }, outcome: 'aborted', endedAt: 10, error: { name: 'AbortError', message: 'stopped' } })]) {
    t.notThrows(() => { checkWellFormed(renderWaterfall(trace)) })
  }
})

test('renderWaterfall() throws for an invalid trace, and names the wrong member', t => {
  const wrong: Array<[unknown, string]> = [
    [null, 'it is null'],
    [[], 'it is an empty array'],
    [{}, 'version is missing'],
    [{ ...EVERYTHING, version: 2 }, 'its version is 2, and this release reads version 1'],
    [{ ...EVERYTHING, outcome: 'done' }, 'outcome needs \'running\' or \'connected\' or \'failed\' or \'aborted\', not \'done\''],
    [{ ...EVERYTHING, startedAt: '1' }, 'startedAt needs a finite number of milliseconds, not \'1\''],
    [{ ...EVERYTHING, candidates: {} }, 'candidates needs an array, not an object with no properties'],
    [{ ...EVERYTHING, candidates: [candidate(1), { ...candidate(2), attempts: [{ ...attempt(0), marks: [{ name: 'opened' }] }] }] }, 'candidates[1].attempts[0].marks[0].at is missing'],
    [{ ...EVERYTHING, sources: [null] }, 'sources[0] needs an object, not null']
  ]

  for (const [value, words] of wrong) {
    t.throws(() => renderWaterfall(value as DialTrace), { name: 'InvalidParametersError', message: `renderWaterfall() needs the trace of a dial: ${words}` })
  }

  t.notThrows(() => renderWaterfall({ ...EVERYTHING, ofALaterRelease: 1 } as any))
})
