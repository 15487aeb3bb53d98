export { type MongoStoreOptions, openMongoStore } from './documents.ts';
