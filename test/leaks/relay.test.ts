import { scenarios } from './scenarios.ts'

scenarios('relay')
