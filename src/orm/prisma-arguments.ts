import type { ArgType } from './prisma-contract.ts'

/** A value of Prisma in the form in which it is written into SQL. */
export function toArgument(value: unknown, type: ArgType | undefined): unknown {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return fromText(value, type)
  if (value instanceof Date) return toMoment(value, type)
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return value
}

/** Prisma sends what JSON cannot hold as text, and says what it is. */
function fromText(value: string, type: ArgType | undefined): unknown {
  switch (type?.scalarType) {
    case 'bigint':
      return BigInt(value)
    case 'bytes':
      return Buffer.from(value, 'base64')
    case 'datetime':
      return toMoment(new Date(value), type)
    default:
      return value
  }
}

/** In UTC, without a zone: the columns of MySQL have none. */
function toMoment(moment: Date, type: ArgType | undefined): string {
  const [day = '', rest = ''] = moment.toISOString().split('T')
  const time = rest.replace(/(?:\.000)?Z$/, '')
  switch (type?.dbType) {
    case 'TIME':
    case 'TIME2':
      return time
    case 'DATE':
    case 'NEWDATE':
      return day
    default:
      return `${day} ${time}`
  }
}
