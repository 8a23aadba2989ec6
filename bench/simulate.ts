// Compares dialers in virtual time, on random peers that are the same for all dialers. Prints a table for each family of peers, and the claims.
// Exits with 1 if a claim is not met. The same arguments print the same output.
//
//     node bench/simulate.ts [FAMILY ...] [--peers 400] [--seed 1] [--jobs 1] [--only DIALER] [--all] [--summary] [--svg FOLDER] [--held-out]
//
// Run --held-out only after the last commit that tunes: otherwise the tuning would fit the held-out families too
import { mkdir, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { Progress } from './progress.ts'
import { rivalClaims, scoreClaims, targetClaims } from './simulate/claims.ts'
import { curves } from './simulate/curves.ts'
import { dialers, furtherDialers } from './simulate/dialers.ts'
import { families } from './simulate/families.ts'
import { heldOut } from './simulate/held-out.ts'
import { measureInParts } from './simulate/parts.ts'
import { familyReport, summaryReport } from './simulate/report.ts'
import { shortcomings } from './simulate/shortcomings.ts'
import type { MeasuredFamily } from './simulate/claims.ts'
import type { Measurement } from './simulate/measure.ts'

const { values, positionals } = parseArgs({
  options: {
    peers: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
    all: { type: 'boolean', default: false },
    svg: { type: 'string' },
    summary: { type: 'boolean', default: false },
    'held-out': { type: 'boolean', default: false }
  },
  allowPositionals: true
})

const [peers, seed, jobs] = [values.peers, values.seed, values.jobs].map(Number) as [number, number, number]
const known = values['held-out'] ? heldOut : families
const chosenFamilies = known.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const chosenDialers = [...dialers, ...values.all || values.only != null ? furtherDialers : []].filter(({ name }) => values.only == null || values.only.includes(name))
const unknown = [...positionals.filter(name => known.every(family => family.name !== name)), ...values.only?.filter(name => chosenDialers.every(dialer => dialer.name !== name)) ?? []]

if (unknown.length > 0 || ![peers, jobs].every(value => Number.isInteger(value) && value > 0) || !Number.isInteger(seed)) {
  console.error(`${unknown.length === 0 ? '--peers, --jobs and --seed take whole numbers' : `unknown: ${unknown.join(', ')}`}\nfamilies: ${known.map(({ name }) => name).join(', ')}\ndialers: ${[...dialers, ...furtherDialers].map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const dialersOf = ({ belief }: typeof families[number]) => chosenDialers.filter(({ usesBelief }) => usesBelief !== true || belief != null)
const progress = new Progress(chosenFamilies.reduce((sum, family) => sum + dialersOf(family).length, 0) * peers)
const results: MeasuredFamily[] = []

for (const family of chosenFamilies) {
  const measured = new Map<string, Measurement>()

  for (const dialer of dialersOf(family)) {
    measured.set(dialer.name, await measureInParts({ family, dialer, peers, seed, jobs, onProgress: more => { progress.add(more, `${family.name}: ${dialer.name}`) } }))
  }

  progress.end()
  results.push({ family, measured })

  if (!values.summary) {
    console.log(`${familyReport({ family, measured })}\n`)
  }
}

if (values.svg != null) {
  await mkdir(values.svg, { recursive: true })

  for (const result of results) {
    await writeFile(`${values.svg}/${result.family.name.replaceAll(/\W+/g, '-')}.svg`, curves(result))
  }
}

if (values.summary) {
  console.log(`${summaryReport(results)}\n`)
}

if (values.only == null) {
  console.log(`${shortcomings(results)}\n`)

  const claims = values['held-out']
    ? scoreClaims(results, 'the held-out families')
    : [...rivalClaims(results), ...scoreClaims(results), ...targetClaims(results)]

  for (const { text, isMet } of claims) {
    console.log(`- ${isMet ? 'met' : '**NOT MET**'}: ${text}`)
    process.exitCode = isMet ? process.exitCode : 1
  }
}
