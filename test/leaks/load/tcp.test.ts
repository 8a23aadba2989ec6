import { loads } from '../loads.ts'

loads('tcp')
