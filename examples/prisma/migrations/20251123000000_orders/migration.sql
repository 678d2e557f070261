-- CreateTable
CREATE TABLE `orders` (
    `customer_id` INTEGER NOT NULL,
    `id` INTEGER NOT NULL,
    `cents` INTEGER NOT NULL,

    PRIMARY KEY (`customer_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `order_items` (
    `customer_id` INTEGER NOT NULL,
    `order_id` INTEGER NOT NULL,
    `line` INTEGER NOT NULL,
    `product` VARCHAR(40) NOT NULL,

    PRIMARY KEY (`customer_id`, `order_id`, `line`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- AddForeignKey
ALTER TABLE `order_items` ADD CONSTRAINT `order_items_customer_id_order_id_fkey` FOREIGN KEY (`customer_id`, `order_id`) REFERENCES `orders`(`customer_id`, `id`) ON DELETE RESTRICT ON UPDATE CASCADE;
