import test from 'ava'
import { hostNameOf, findForbiddenCharacter } from '../../src/address/host-name.ts'

const NAMES: ReadonlyArray<[string, string]> = [
  ['Victim.Example.', 'victim.example'],
  ['v%69ctim.example', 'victim.example'],
  ['a_b.example', 'a_b.example'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['８.８.８.８', '8.8.8.8'],
  ['8.8.8.8:80', '8.8.8.8'],
  ['0x7f.1', '127.0.0.1'],
  ['2001:DB8::1', '[2001:db8::1]'],
  ['[2001:db8::1]', '[2001:db8::1]'],
  ['::ffff:1.2.3.4', '[::ffff:102:304]'],
  ['fe80::1%br_lan', '[fe80::1]'],
  ['', ''],
  // not IP addresses, but names to DNS
  ['8.8.8.8%.example.com', '8.8.8.8%.example.com'],
  ['[2001:db8::1%].example.com', '[2001:db8::1%].example.com'],
  ['[2001:db8::1%x.example.com', '[2001:db8::1%x.example.com'],
  ['2001:db8::1].example.com', '2001:db8::1].example.com'],
  ['2001:80.example.com', '2001:80.example.com']
]

for (const [host, name] of NAMES) {
  test(`${JSON.stringify(host)} is the host ${JSON.stringify(name)}`, t => {
    t.is(hostNameOf(host), name)
    t.is(findForbiddenCharacter(host), undefined)
  })
}

for (const stray of ['\\', '/', '?', '#', '@', ' ', '\t', '\r', '\n', '\0', '\x7f', '\u00a0', '\u2028', '\ufeff']) {
  test(`hostNameOf() returns a name with character ${stray.codePointAt(0)} unparsed`, t => {
    for (const host of [`8.8.8.8${stray}Example.com`, `8.8.8.8${stray}`, `${stray}8.8.8.8`, `[2001:db8::1]${stray}example.com`, `1-2-3-4.id.libp2p.direct${stray}example.com`]) {
      t.is(hostNameOf(host), host.toLowerCase())
      t.is(findForbiddenCharacter(host), stray)
    }
  })
}
