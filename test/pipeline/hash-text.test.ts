import test from 'ava'
import { hashText } from '../../src/pipeline/hash-text.ts'

// the test vectors of the authors of FNV
for (const [text, hash] of [['', 0x811c9dc5], ['a', 0xe40c292c], ['foobar', 0xbf9cf968]] as const) {
  test(`hashText() of '${text}' is 0x${hash.toString(16)}`, t => {
    t.is(hashText(text), hash)
  })
}
