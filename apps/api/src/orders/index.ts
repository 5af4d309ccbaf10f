export { Order } from './order.entity.js';
export { OrderImport } from './import/order-import.entity.js';
export { OrderItem } from './order-item.entity.js';
export { OrderTransaction } from './order-transaction.entity.js';
export { OrdersModule } from './orders.module.js';
export { ordersOf } from './order-cache.js';
export { CurrencyField } from './dto/place-order.dto.js';
export { ORDER_STATUSES, type OrderStatus } from './order.js';
