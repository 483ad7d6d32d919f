/** The shapes on the wire, by name: the socket's, and those that only HTTP answers with. */

import type { components } from "./api.gen";

export type {
  AlarmKind,
  AlarmView,
  Disposition,
  DutyView,
  OfferView,
  OwnAlarmView,
  PersonilView,
  Place,
  ResponderLine,
} from "./live.gen";

type Shapes = components["schemas"];

export type Account = Shapes["Account"];
export type CallingRules = Shapes["CallingRules-Input"];
export type DutyStretch = Shapes["DutyStretch"];
export type CallerPress = Shapes["CallerPressBody"];
export type ConsentText = Shapes["ConsentText"];
export type DecisionView = Shapes["DecisionView"];
export type Effect = Shapes["Effect"];
export type Factors = Shapes["Factors"];
export type FactorAdded = Shapes["FactorAdded"];
export type Figures = Shapes["Figures"];
export type FoundPlace = Shapes["FoundPlace"];
export type FoldedPress = Shapes["FoldedPress"];
export type ImportKind = Shapes["ImportKind"];
export type ImportOutcome = Shapes["ImportOutcome"];
export type Drill = Shapes["Drill"];
export type AskedWindow = Shapes["AskedWindow"];
export type DrillCall = Shapes["DrillCall"];
export type DrillWindow = Shapes["DrillWindow"];
export type Heat = Shapes["Heat"];
export type Neighbour = Shapes["Neighbour"];
export type OfficerReport = Shapes["OfficerReport"];
export type InstansiForm = Shapes["InstansiForm"];
export type InstansiPage = Shapes["InstansiPage"];
export type InstansiRecord = Shapes["InstansiRecord"];
export type OwnDevice = Shapes["OwnDevice"];
export type OwnDrills = Shapes["OwnDrills"];
export type OwnInstansi = Shapes["OwnInstansi"];
export type OwnSite = Shapes["OwnSite"];
export type PastTask = Shapes["PastTask"];
export type Petugas = Shapes["Petugas"];
export type PersonilChanged = Shapes["PersonilChanged"];
export type PersonilForm = Shapes["PersonilForm"];
export type PersonilPage = Shapes["PersonilPage"];
export type PersonilRecord = Shapes["PersonilRecord"];
export type PoliceContact = Shapes["PoliceContact"];
export type PoliceContacts = Shapes["PoliceContacts"];
export type PasswordChanged = Shapes["PasswordChanged"];
export type PressReceipt = Shapes["PressReceipt"];
export type RevealedReporter = Shapes["RevealedReporter"];
export type RuleChange = Shapes["RuleChange"];
export type RulesChanged = Shapes["RulesChanged"];
export type RulesView = Shapes["RulesView"];
export type SatuanView = Shapes["SatuanView"];
export type SatuanForm = Shapes["SatuanForm"];
export type SatuanRecord = Shapes["SatuanRecord"];
export type ShiftNote = Shapes["ShiftNote"];
export type SignIn = Shapes["SignIn"];
export type Session = Shapes["Session"];
export type SiteChange = Shapes["SiteChange"];
export type Flowing = Shapes["Flowing"];
export type Standstill = Shapes["StandstillView"];
export type SiteWatch = Shapes["SiteWatch"];
export type TimelineEntry = Shapes["TimelineEntry"];
export type TotpOffer = Shapes["TotpOffer"];
export type TracksShown = Shapes["TracksShown"];
export type WaitingDevice = Shapes["WaitingDevice"];
export type WilayahForm = Shapes["WilayahForm"];
export type WilayahRecord = Shapes["WilayahRecord"];
