import { generators } from './prisma-client.ts'

/** The recipe: the shard key is a part of every primary key and of every relation. */
export const orderSchema = `
generator client {
  provider = "prisma-client"
  output   = "./client"
}

generator sherd {
  provider = ${JSON.stringify(generators.sherd)}
  output   = "./tables.ts"
}

datasource db {
  provider = "mysql"
}

/// @shard(group: "product", key: "userId")
model Order {
  userId  Int    @map("user_id")
  id      Int
  product String @db.VarChar(40)
  cents   Int
  items   Item[]

  @@id([userId, id])
  @@map("orders")
}

/// A line of an order.
/// @shard(group: "product", key: "userId")
model Item {
  userId      Int      @map("user_id")
  orderId     Int      @map("order_id")
  line        Int
  currency    Int
  order       Order    @relation(fields: [userId, orderId], references: [userId, id])
  currencyRow Currency @relation(fields: [currency], references: [code])

  @@id([userId, orderId, line])
  @@map("order_items")
}

/// @reference(groups: ["product"], copies: "unmanaged")
model Currency {
  code  Int    @id
  name  String
  items Item[]

  @@map("currencies")
}

/// @shard(group: "product", key: "userId")
model Sample {
  userId Int      @map("user_id")
  id     Int
  day    DateTime @db.Date
  madeAt DateTime @map("made_at") @db.DateTime(3)
  price  Decimal  @db.Decimal(20, 4)
  big    BigInt
  data   Json
  body   Bytes    @db.VarBinary(20)
  paid   Boolean

  @@id([userId, id])
  @@map("samples")
}

/// Made before it was sharded: its primary key is the id alone.
/// @shard(group: "product", key: "userId")
model Note {
  id     Int    @id @default(autoincrement())
  userId Int    @map("user_id")
  text   String @db.VarChar(40)

  @@map("notes")
}

/// @shard(group: "product", key: "userId", timeIds: ["id"])
model Parcel {
  id     BigInt @id
  userId Int    @map("user_id")
  text   String @db.VarChar(40)
  stops  Stop[]

  @@map("parcels")
}

/// @shard(group: "product", key: "userId", timeIds: ["id", "parcelId"])
model Stop {
  id       BigInt @id
  parcelId BigInt @map("parcel_id")
  userId   Int    @map("user_id")
  text     String @db.VarChar(40)
  parcel   Parcel @relation(fields: [parcelId], references: [id])

  @@map("stops")
}
`
