import { scenarios } from './scenarios.ts'

scenarios('ws')
