import Type from 'typebox';

/** Fields that several contracts share. `title` is the Chinese name, `description` the English one. */

export const Day = (title: string, description: string) =>
  Type.String({ format: 'date', title, description });

/** Text as people write it, in one line or a few. */
export const Name = (title: string, description: string) =>
  Type.String({ minLength: 1, maxLength: 200, title, description });

export const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

export const Count = (title: string, description: string) => Type.Integer({ minimum: 0, title, description });

/** Ordinal numbers: editions, corrections. */
export const Ordinal = (title: string, description: string) =>
  Type.Integer({ minimum: 1, title, description });

/** GB/T 2260 county, GB/T 10114 town, then village: always 12 digits. */
export const Division = () =>
  Type.String({ pattern: '^[0-9]{12}$', title: '区划代码', description: '12-digit division code' });

/** Six digits of the county-level register and the number within it. */
export const OrganId = () =>
  Type.String({
    pattern: '^organ:[0-9]{6}-[0-9]{4,}$',
    title: '机构标识',
    description: 'Organ id: organ:370114-0001',
  });

export const DocumentNumber = () =>
  Nullable(
    Type.String({
      minLength: 1,
      maxLength: 200,
      title: '文号',
      description: 'Document number of the act, null when it rests on a law alone',
    }),
  );
