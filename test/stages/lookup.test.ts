import { once } from 'node:events'
import { createServer } from 'node:http'
import { dns, RecordType } from '@multiformats/dns'
import { dnsJsonOverHttps } from '@multiformats/dns/resolvers'
import test from 'ava'
import { Bans } from '../../src/bans/bans.ts'
import { lookup } from '../../src/stages/lookup.ts'
import { cand, reason, said, short, tryOut } from '../testing/try-out.ts'
import type { AddressStory } from '../../src/pipeline/runtime/story.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { ScriptedComponentsInit } from '../../src/testing/scripted-components.ts'
import type { DNSResponse } from '@multiformats/dns'
import type { AddressInfo } from 'node:net'

type Answers = Record<string, readonly string[]>

/** A DNS with hosts by name. A missing record is an error, like in Node.js */
function dnsOf (hosts: Answers, asked: string[] = []): () => Partial<ScriptedComponentsInit> {
  const query = async (name: string, { types: [type] }: { types: readonly RecordType[] }) => {
    asked.push(`${name} ${RecordType[type as RecordType]}`)
    const ips = (hosts[name] ?? []).filter(ip => ip.includes(':') === (type === RecordType.AAAA))

    if (ips.length === 0) {
      throw new Error(`query ENODATA ${name}`)
    }

    return { Answer: [...ips.map(data => ({ name, type, TTL: 1, data })), { name, type: RecordType.CNAME, TTL: 1, data: 'another' }] }
  }

  return () => ({ dns: { query } as any })
}

function dropOf ({ host }: StageRun, candidate?: Candidate): AddressStory['dropped'] {
  return candidate == null ? undefined : host.story.of(candidate).dropped
}

test('lookup() replaces a host name by its IP addresses', async t => {
  const hosts = { 'a.example.com': ['203.0.113.1', '2a00::1'] }
  const trial = tryOut(t, lookup(), { components: dnsOf(hosts) })
  trial.give({ candidates: [cand('/dns4/a.example.com/tcp/4001'), cand('/dns6/a.example.com/udp/1/quic-v1'), cand('/dns/a.example.com/tcp/80/ws')] })
  await trial.rest()

  t.is(short(trial.ids), '1 /ip6/2a00::1/udp/1/quic-v1 /ip4/203.0.113.1/tcp/80/ws /ip6/2a00::1/tcp/80/ws')
  t.is(trial.last?.value.complete, true)
})

test('lookup() reads the answers of the resolvers of @multiformats/dns, from a server and from their cache', async t => {
  const server = createServer(({ url }, response) => {
    const name = new URL(url ?? '', 'http://localhost').searchParams.get('name')
    response.end(JSON.stringify({ Status: 0, Question: [{ name, type: 1 }], Answer: [{ name, type: 1, TTL: 60, data: '203.0.113.1' }] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const { port } = server.address() as AddressInfo
  const { A } = RecordType
  const resolvers = { '.': dnsJsonOverHttps(`http://127.0.0.1:${port}/`), 'com.': async (name: string) => ({ Answer: [{ name, type: A, TTL: 60, data: '203.0.113.2' }] }) as DNSResponse }
  const components = { dns: dns({ resolvers }) }

  const lookUp = async (): Promise<string> => {
    const trial = tryOut(t, lookup(), { components: () => components })
    trial.give({ candidates: [cand('/dns4/a.example.org/tcp/4001'), cand('/dns4/a.example.com/tcp/4001')] })

    while (trial.last?.value.complete !== true) {
      await new Promise(resolve => { setTimeout(resolve, 5) })
      await trial.settle()
    }

    return short(trial.ids)
  }

  t.is(await lookUp(), '1 2')
  t.is(await lookUp(), '1 2', 'from the cache')
})

test('lookup() keeps TLS names and addresses without a name, and does not query them', async t => {
  const asked: string[] = []
  const names = ['/dns4/a.example.com/tcp/443/wss', '/dns4/a.example.com/tcp/443/tls/ws', '/dns/a.example.com/tcp/443/tls/sni/a.example.com/ws', '/dnsaddr/a.example.com', '/ip4/203.0.113.9/tcp/1']
  const trial = tryOut(t, lookup(), { components: dnsOf({}, asked) })
  trial.give({ candidates: names.map(name => cand(name)) })
  await trial.rest()

  t.deepEqual(said(trial), [names.join(' ')])
  t.deepEqual(asked, [])
})

test('lookup() queries a name in the form in which DNS compares it', async t => {
  const asked: string[] = []
  const trial = tryOut(t, lookup(), { components: dnsOf({ 'xn--bcher-kva.example.com': ['203.0.113.1'] }, asked) })
  trial.give({ candidates: [cand('/dns4/B%C3%BCcher.Example.com./tcp/80/ws')] })
  await trial.rest()

  t.deepEqual(asked, ['xn--bcher-kva.example.com A'])
  t.is(short(trial.ids), '/ip4/203.0.113.1/tcp/80/ws')
})

test('lookup() drops a name that no host can have, without a query', async t => {
  const asked: string[] = []
  const one = cand('/dns4/a\\b.example.com/tcp/1')
  const trial = tryOut(t, lookup(), { components: dnsOf({}, asked) })
  trial.give({ candidates: [one] })
  await trial.rest()

  t.deepEqual(said(trial), [''])
  t.is(reason(trial, one), 'no host name has "\\\\" in it')
  t.deepEqual(asked, [])
})

test('lookup() drops a banned name, without a query', async t => {
  const asked: string[] = []
  const one = cand('/dns4/a.example.com/tcp/1')
  const components = dnsOf({ 'b.example.com': ['203.0.113.1'] }, asked)
  const trial = tryOut(t, lookup(), { components: ({ clock }) => {
    const bans = new Bans(clock)
    bans.add('/dns4/A.example.com.', Infinity)

    return { ...components(), bans }
  } })
  trial.give({ candidates: [one, cand('/dns4/b.example.com/tcp/4001')] })
  await trial.rest()

  t.is(short(trial.ids), '1')
  t.is(reason(trial, one), '/dns4/A.example.com. is banned until it is removed')
  t.deepEqual(asked, ['b.example.com A'])
})

test('lookup() drops a name without addresses with the reason, and resolves others', async t => {
  const trial = tryOut(t, lookup(), { components: dnsOf({ 'a.example.com': ['203.0.113.1'] }) })
  trial.give({ candidates: [cand('/dns4/nowhere.example.com/tcp/1'), cand('/dns/a.example.com/tcp/4001')] })
  await trial.rest()

  t.is(short(trial.ids), '1')
  t.is(reason(trial, cand('/dns4/nowhere.example.com/tcp/1')), 'could not be looked up: query ENODATA nowhere.example.com')
})

test('lookup() does not certify the answers of a certified name', async t => {
  const trial = tryOut(t, lookup(), { components: dnsOf({ 'a.example.com': ['203.0.113.1'] }) })
  trial.give({ candidates: [cand('/dns4/a.example.com/tcp/4001', { isCertified: true, provenance: [{ source: 'certified' }, { source: 'identify' }] })] })
  await trial.rest()

  const [found] = trial.last?.candidates ?? []
  t.false(found?.isCertified)
  t.deepEqual(found?.provenance.map(({ source }) => source), ['identify', 'dns'])
})

test('lookup() makes at most 32 queries in a dial', async t => {
  const asked: string[] = []
  const candidates = Array.from({ length: 40 }, (_, n) => cand(`/dns4/${n}.example.com/tcp/1`))
  const trial = tryOut(t, lookup(), { components: dnsOf({}, asked) })
  trial.give({ candidates })
  await trial.rest()

  t.is(asked.length, 32)
  t.like(dropOf(trial, candidates[39]), { stage: 'lookup', reason: 'takes more than the 32 queries of a dial to resolve' })
  t.is(typeof dropOf(trial, candidates[39])?.crowdedOutAs, 'number')
})

test('lookup() adds at most 100 addresses in a dial', async t => {
  const hosts = { 'a.example.com': Array.from({ length: 120 }, (_, n) => `203.0.113.${n}`), 'b.example.com': ['203.0.113.200'] }
  const late = cand('/dns4/b.example.com/tcp/4001')
  const trial = tryOut(t, lookup(), { components: dnsOf(hosts) })
  trial.give({ candidates: [cand('/dns4/a.example.com/tcp/4001'), late] })
  await trial.rest()

  t.is(trial.ids.length, 100)
  t.like(dropOf(trial, late), { stage: 'lookup', reason: 'resolves to more than the 100 addresses of a dial', crowdedOutAs: 1 })
})

test('lookup() reads at most 100 addresses of an answer', async t => {
  let read = 0
  const answer = Array.from({ length: 4_000 }, (_, n) => ({ type: RecordType.A, get data () { return `203.0.${read++ >> 8}.${n % 256}` } }))
  const trial = tryOut(t, lookup(), { components: () => ({ dns: { query: async () => ({ Answer: answer }) } as any }) })
  trial.give({ candidates: [cand('/dns4/a.example.com/tcp/4001')] })
  await trial.rest()

  t.is(read, 100)
})

test('lookup() drops a name whose answer is empty with a reason of its own', async t => {
  const one = cand('/dns4/a.example.com/tcp/4001')
  const trial = tryOut(t, lookup(), { components: () => ({ dns: { query: async () => ({ Answer: [] }) } as any }) })
  trial.give({ candidates: [one] })
  await trial.rest()

  t.deepEqual(dropOf(trial, one), { stage: 'lookup', reason: 'could not be looked up: it has no addresses' })
})
