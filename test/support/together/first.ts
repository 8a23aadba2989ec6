import test from 'ava'
import { logged } from './log.ts'

await Promise.resolve()

test('a', logged('a'))
test('b', logged('b'))
test.serial('c', logged('c'))
test('d', logged('d'))
