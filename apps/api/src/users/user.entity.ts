import { VersionedEntity } from '@app/database';
import { Check, Column, CreateDateColumn, Entity, Index } from 'typeorm';
import type { Role } from './user.js';

@Entity('users')
@Index('users_email_key_active', ['emailKey'], { unique: true, where: 'deleted_at IS NULL' })
@Index('users_created_at_id_idx', ['createdAt', 'id'])
@Index('users_name_prefix_idx', { synchronize: false })
@Index('users_roles_idx', { synchronize: false })
@Check('users_age_check', 'age >= 0 AND age <= 150')
@Check('users_name_check', 'char_length(name) >= 1 AND char_length(name) <= 100')
@Check('users_roles_check', `'customer' = ANY (roles) AND roles <@ ARRAY['customer', 'analyst', 'admin']`)
export class User extends VersionedEntity {
  @Column('text')
  name: string;

  /** As it was written. */
  @Column('text')
  email: string;

  /** What is unique among users that are not deleted. */
  @Column('text', { name: 'email_key' })
  emailKey: string;

  @Column('smallint', { nullable: true })
  age: number | null;

  @Column('text', { array: true })
  roles: Role[];

  @Column('boolean', { default: false })
  disabled: boolean;

  @Column('text', { name: 'password_hash' })
  passwordHash: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  /** Soft deletion is a state that use cases ask for, so it is no `DeleteDateColumn`, which find options hide. */
  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  deletedAt: Date | null;
}
