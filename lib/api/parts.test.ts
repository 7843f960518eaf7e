import { expect, it } from 'vitest';
import { CONFIDENCE } from '../orderflow/aggressor-rules.ts';
import { real, whole } from './parts.ts';
import { TapeAnswer, TapeQuery } from './ticks.ts';

it('numbers of a query are digits, and nothing else that JavaScript takes for a number', () => {
  expect(whole(0, 500).parse('100')).toBe(100);
  expect(whole(-5, 5).parse('-5')).toBe(-5);
  expect(real(0, 5).parse('0.25')).toBe(0.25);
  for (const text of ['', ' ', ' 5', '5 ', '+5', '0x10', '0b1', '1e2', '5.', '.5', '1_0', 'NaN', 'Infinity', '٥']) {
    expect(whole(0, 500).safeParse(text).success, text).toBe(false);
    expect(real(0, 500).safeParse(text).success, text).toBe(false);
  }
});

it('every confidence that a side can have can be asked for and answered', () => {
  const interval = { instrument: 'NFO:NIFTY26DECFUT', from: '1795578300000', to: '1795578400000' };
  for (const confidence of Object.values(CONFIDENCE)) {
    expect(TapeQuery.parse({ ...interval, min_confidence: String(confidence) }).min_confidence).toBe(confidence);
    expect(TapeAnswer.shape.trades.element.shape.confidence.parse(confidence)).toBe(confidence);
  }
});
