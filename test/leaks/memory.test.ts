import { scenarios } from './scenarios.ts'

scenarios('memory')
