import type { EventStore } from '@dutyledger/event-store/event-store';
import { uuidFrom } from '@dutyledger/event-store/ids';
import type { DutyListEvent } from '@dutyledger/lists/duty-list/events';
import { emptyItem, type ItemContent, type ListKind } from '@dutyledger/lists/duty-list/item';
import { dutyListStream } from '@dutyledger/lists/duty-list/state';
import { children } from '@dutyledger/reference-data/divisions';
import { eventsOf, fact } from './duty-events.ts';

/** Duty lists of whole provinces, one per county, town and street, as events: what search and responsibility are measured on. */

const PROVINCES = ['370000000000', '330000000000', '320000000000'];
const EFFECTIVE_FROM = '2024-01-01';

/** Matters and work are common words, as in real lists; what stands before them is rare. */
export const MATTERS = (
  '犬只登记 秸秆禁烧 餐饮油烟 占道经营 违法建设 河道采砂 农村自建房 危险化学品 生活垃圾 建筑垃圾 烟花爆竹 户外广告 物业服务 ' +
  '电动自行车 校外培训 食品摊贩 农药销售 畜禽养殖 动物防疫 森林防火 防汛抗旱 地质灾害 基本农田 宅基地 土地流转 饮用水源 ' +
  '黑臭水体 噪声扰民 扬尘污染 散煤燃烧 非法采矿 殡葬服务 养老机构 残疾人保障 低保救助 临时救助 退役军人 劳动保障 欠薪投诉 ' +
  '就业培训 医疗保险 计划生育 公共卫生 传染病防控 文物保护 网吧经营 消防通道 燃气使用 供热保障 道路养护 客运线路 校车安全 ' +
  '特种设备 矿山安全 粉尘涉爆 小型水库 农机作业 种子经营 林木采伐 信访事项 人民调解 社区矫正 反邪教 禁毒宣传'
).split(' ');
const WORK = (
  '日常管理 监督管理 综合管理 专项整治 举报受理与核查 隐患排查治理 宣传教育与引导 行政处罚 行政许可 备案登记 巡查上报 ' +
  '应急处置 统计调查 信息报送 矛盾调处 资金发放 资格初审 现场检查'
).split(' ');
const KINDS: readonly ListKind[] = ['TERRITORIAL', 'BASIC', 'COOPERATIVE', 'PUBLIC_SERVICE'];
const DOMAINS = ['城市管理', '生态环境', '自然资源', '安全生产', '农业农村', '民生保障'];
/** Characters of place names: pairs of them are the rare words. */
const PLACES = [
  ...'龙凤麒麟鹤鹿松柏槐柳桃李杏梅兰菊荷苇苏徐唐宋魏赵韩齐鲁燕楚吴越秦晋岱岳泰华嵩衡峄沂泗汶漯淄潍胶莱登蓬',
];

const pick = <T>(from: readonly T[], at: number): T => from[at % from.length] as T;

/** Four characters that few items share. */
const placeOf = (n: number): string => {
  let mixed = Math.imul(n + 1, 2_654_435_761) >>> 0;
  let place = '';
  for (let i = 0; i < 4; i++) {
    place += pick(PLACES, mixed);
    mixed = Math.floor(mixed / PLACES.length);
  }
  return place;
};

export const itemOf = (n: number, division: string): ItemContent => {
  const county = division.slice(0, 6);
  const organ = (number: number, duty: string) => ({
    organ: `organ:${county}-${String((number % 30) + 1).padStart(4, '0')}`,
    name: `${county}${pick(DOMAINS, number)}局`,
    level: 'county' as const,
    duty,
  });
  return {
    ...emptyItem,
    name: `${placeOf(n)}${pick(MATTERS, n * 7)}${pick(WORK, n * 11 + (n >> 6))}`,
    domain: pick(DOMAINS, n),
    leads: [organ(n, '牵头组织，制定年度计划，受理举报并依法查处')],
    cooperators: [organ(n + 1, '提供技术支持并参加联合检查'), organ(n + 3, '日常巡查，发现问题及时上报')],
    basis: [{ title: '关于明晰县乡职责规范“属地管理”的若干意见(试行)', article: `第${(n % 40) + 1}条` }],
    townRole: { role: 'COOPERATE', note: null },
    keywords: [pick(MATTERS, n + 1)],
    caseClasses: [`C${n % 200}`],
  };
};

export interface ScaleList {
  id: string;
  division: string;
  /** Number of its first item; they are counted through over all lists. */
  first: number;
  items: number;
}

/** `count` lists, the counties of the provinces in turn, each followed by its towns. */
export function scaleLists(count: number, items: number): ScaleList[] {
  const lists: ScaleList[] = [];
  for (const division of divisions()) {
    if (lists.length === count) break;
    const at = lists.length;
    const share = Math.floor((items * (at + 1)) / count) - Math.floor((items * at) / count);
    lists.push({
      id: `list:${division.slice(0, 9)}-scale`,
      division,
      first: Math.floor((items * at) / count),
      items: share,
    });
  }
  if (lists.length < count)
    throw new RangeError(`the provinces have ${lists.length} divisions, not ${count}`);
  return lists;
}

function* divisions(): Generator<string> {
  for (const province of PROVINCES) {
    for (const city of children(province)) {
      for (const county of children(city.code)) {
        yield county.code;
        for (const town of children(county.code)) yield town.code;
      }
    }
  }
}

function factsOf({ id, division, first, items }: ScaleList): DutyListEvent[] {
  const kind = pick(KINDS, first);
  const title = `${division}职责清单`;
  const documentNumber = '政发〔2024〕1号';
  const codes = Array.from({ length: items }, (_, n) => `${n + 1}`);
  const maintainer = { organ: `organ:${division.slice(0, 6)}-0040`, name: '县委编办' };
  return [
    fact('DutyListOpened', { id, kind, division, title, maintainer }),
    ...codes.map((code, n) => fact('ItemAdded', { code, item: itemOf(first + n, division) })),
    fact('LegalityReviewed', {
      outcome: 'PASSED',
      organ: `organ:${division.slice(0, 6)}-0041`,
      organName: '司法局',
      opinion: '合法',
    }),
    fact('EditionApproved', { body: '县委编委', documentNumber, overruling: null }),
    fact('EditionPublished', {
      list: { kind, division, title },
      edition: 1,
      effectiveFrom: EFFECTIVE_FROM,
      documentNumber,
      added: codes,
      revised: [],
      retired: [],
      itemCount: items,
      digest: '0'.repeat(64),
    }),
  ];
}

const AT_ONCE = 16;

/** Appends every list with its first edition in force. */
export async function writeProvinces(events: EventStore, lists: readonly ScaleList[]): Promise<void> {
  for (let at = 0; at < lists.length; at += AT_ONCE) {
    await Promise.all(
      lists.slice(at, at + AT_ONCE).map((list) => {
        const recorded = eventsOf(factsOf(list), {
          commandId: uuidFrom('command', list.id, 1),
          division: list.division,
          effectiveAt: EFFECTIVE_FROM,
        });
        return events.append(dutyListStream(list.id), 'any', recorded);
      }),
    );
  }
}
