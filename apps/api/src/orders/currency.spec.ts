import { describe, expect, it } from '@jest/globals';
import { isCurrency } from './currency.js';

/** ISO 4217 list one after amendment 180: currencies, funds, metals and the codes for testing and for none. */
const CURRENT = `
  AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF
  CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
  IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
  MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
  SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS
  VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG`
  .trim()
  .split(/\s+/);

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

describe('isCurrency', () => {
  it('every three capital letters → exactly the current codes', () => {
    const all = LETTERS.flatMap((a) => LETTERS.flatMap((b) => LETTERS.map((c) => a + b + c)));
    expect(all.filter((code) => isCurrency(code))).toEqual(CURRENT);
  });

  it.each([
    ['the kuna, withdrawn in 2023', 'HRK'],
    ['the lev, withdrawn in 2026', 'BGN'],
    ['the Antillean guilder, withdrawn in 2025', 'ANG'],
    ['the convertible peso, withdrawn in 2021', 'CUC'],
    ['the Zimbabwean dollar, withdrawn in 2024', 'ZWL'],
    ['lower case', 'usd'],
    ['mixed case', 'Usd'],
    ['a blank before', ' USD'],
    ['two codes', 'USDEUR'],
    ['nothing', ''],
    ['a name of every object', 'constructor'],
    ['the numeric code', 840],
    ['null', null],
    ['absence', undefined],
    ['a list', ['USD']],
  ])('%s → refused', (_situation, value) => {
    expect(isCurrency(value)).toBe(false);
  });
});
