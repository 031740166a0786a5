import { describe, expect, test } from 'vitest';
import { recogniseHeading } from './fields.ts';

/** Headings of published lists and what they mean; null is kept as an extra. */
const SEEN: [headings: string, fields: (string | null)[]][] = [
  [
    '序号|赋权事项名称|原行使部门|赋权范围|执法依据|赋权街镇',
    ['sequence', 'name', null, null, 'basis', 'receivingTowns'],
  ],
  ['赋权事项|权力类型|法律法规依据|责任主体|原实施主体', ['name', 'category', 'basis', 'lead', null]],
  [
    '事项类型|事项名称|子项名称|实施依据|责任事项|追责情形|实施机构',
    ['category', 'name', 'subName', 'basis', 'leadDuty', null, 'lead'],
  ],
  [
    '职权名称|子项|实施对象|共同实施部门|责任科室|法定时限|备注',
    ['name', 'subName', null, 'cooperator', null, null, 'remarks'],
  ],
  ['职权类型|审核转报|职权编码|法定主体', ['category', null, 'code', 'lead']],
  ['编码|职责名称|职责对象', ['code', 'name', null]],
  ['大类名称|小类名称|立案标准|责任单位', ['domain', 'name', null, 'lead']],
  ['职责主体|对象|措施及设定依据|执法方式', ['lead', null, 'basis', null]],
  ['主体责任单位及责任|配合责任单位及责任|法律法规及文件依据', ['leadAndDuty', 'cooperatorAndDuty', 'basis']],
  ['县级主管部门及职责|乡镇(街道)配合职责|对应上级部门', ['leadAndDuty', 'townDuty', 'lead']],
  ['乡镇\uff08街道\uff09属地管理事项|协同部门|财权分配占比', ['name', 'cooperator', 'fiscalShares']],
  [
    '主体责任 / 单位|主体责任 / 职责|配合责任 / 单位|配合责任 / 职责',
    ['lead', 'leadDuty', 'cooperator', 'cooperatorDuty'],
  ],
  ['基本信息 / 事项名称|依据 / 名称|依据 / 条款|依据 / 文号', ['name', 'basis', 'article', 'documentNumber']],
  [' 事 项 名 称 *|\uff11.领域\uff1a|主要履职事项', ['name', 'domain', 'name']],
];

describe('headings of real lists', () => {
  test.each(SEEN)('%s', (headings, fields) => {
    expect(headings.split('|').map((heading) => recogniseHeading(heading)?.field ?? null)).toEqual(fields);
  });
});
