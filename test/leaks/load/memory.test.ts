import { loads } from '../loads.ts'

loads('memory')
