CREATE TABLE `orders` (
	`customer_id` int NOT NULL,
	`id` int NOT NULL,
	`cents` int NOT NULL,
	CONSTRAINT `orders_customer_id_id_pk` PRIMARY KEY(`customer_id`,`id`)
);
--> statement-breakpoint
CREATE TABLE `order_items` (
	`customer_id` int NOT NULL,
	`order_id` int NOT NULL,
	`line` int NOT NULL,
	`product` varchar(40) NOT NULL,
	CONSTRAINT `order_items_customer_id_order_id_line_pk` PRIMARY KEY(`customer_id`,`order_id`,`line`)
);
