export { Order } from './order.entity.js';
export { OrderItem } from './order-item.entity.js';
export { OrderTransaction } from './order-transaction.entity.js';
export { OrdersModule } from './orders.module.js';
export { ordersOf } from './order-cache.js';
