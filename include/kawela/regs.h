/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of the Intel 82576, the PF's view first, the VF's view last.
 *
 * Access, in the comment behind each register:
 *   RW  read/write		RO  read only		WO  write only, reads 0
 *   RC  reading clears		W1C write 1 to clear	W1S write 1 to set
 *
 * A register that reading clears is read in exactly one function of the
 * driver that owns it. Names are those of the 82576 datasheet, section 8.
 */
#ifndef _KAWELA_REGS_H
#define _KAWELA_REGS_H

#include <linux/bits.h>

/* PCI device ids; Intel's */
#define KWL_DEV_ID_PF			0x10c9
#define KWL_DEV_ID_VF			0x10ca

/* Device control (datasheet 8.2) */
#define KWL_CTRL			0x00000	/* RW */
#define   KWL_CTRL_FD			BIT(0)
#define   KWL_CTRL_GIO_MASTER_DISABLE	BIT(2)
#define   KWL_CTRL_SLU			BIT(6)
#define   KWL_CTRL_SPEED		GENMASK(9, 8)	/* as KWL_STATUS_SPEED */
#define   KWL_CTRL_FRCSPD		BIT(11)
#define   KWL_CTRL_FRCDPLX		BIT(12)
#define   KWL_CTRL_ADVD3WUC		BIT(20)
#define   KWL_CTRL_RST			BIT(26)
#define   KWL_CTRL_RFCE			BIT(27)
#define   KWL_CTRL_TFCE			BIT(28)
#define   KWL_CTRL_VME			BIT(30)
#define   KWL_CTRL_PHY_RST		BIT(31)
#define KWL_STATUS			0x00008	/* RO */
#define   KWL_STATUS_FD			BIT(0)
#define   KWL_STATUS_LU			BIT(1)
#define   KWL_STATUS_LAN_ID		GENMASK(3, 2)
#define   KWL_STATUS_SPEED		GENMASK(7, 6)
enum {
	KWL_SPEED_10			= 0,
	KWL_SPEED_100			= 1,
	KWL_SPEED_1000			= 2,	/* 3 means the same */
};
#define   KWL_STATUS_GIO_MASTER_EN	BIT(19)
#define KWL_CTRL_EXT			0x00018	/* RW */
#define   KWL_CTRL_EXT_PFRSTD		BIT(14)
#define   KWL_CTRL_EXT_LINK_MODE	GENMASK(23, 22)
#define   KWL_CTRL_EXT_DRV_LOAD		BIT(28)
#define KWL_MDIC			0x00020	/* RW */
#define   KWL_MDIC_DATA			GENMASK(15, 0)
#define   KWL_MDIC_REGADD		GENMASK(20, 16)
#define   KWL_MDIC_PHYADD		GENMASK(25, 21)
#define   KWL_MDIC_OP			GENMASK(27, 26)
enum {
	KWL_MDIC_OP_WRITE		= 1,
	KWL_MDIC_OP_READ		= 2,
};
#define   KWL_MDIC_READY		BIT(28)
#define   KWL_MDIC_ERROR		BIT(30)
#define KWL_LEDCTL			0x00e00	/* RW, one byte for each of 4 LEDs */
#define   KWL_LEDCTL_MODE		GENMASK(3, 0)
enum {
	KWL_LED_ON			= 14,
};
#define   KWL_LEDCTL_BLINK		BIT(7)

/* Flow control (8.3) */
#define KWL_FCAL			0x00028	/* RW, address of pause frames */
#define KWL_FCAH			0x0002c	/* RW */
#define KWL_FCT				0x00030	/* RW, their EtherType */
#define KWL_FCTTV			0x00170	/* RW, pause time, 64 octet times */
#define KWL_FCRTL			0x02160	/* RW, XON below, octets */
#define   KWL_FCRTL_XONE		BIT(31)
#define KWL_FCRTH			0x02168	/* RW, XOFF above, octets */
#define KWL_FCRTV			0x02460	/* RW, when XOFF is sent again */
#define KWL_RXPBS			0x02404	/* RW, receive packet buffer, KiB */
#define   KWL_RXPBS_SIZE		GENMASK(6, 0)

/* Non-volatile memory and semaphores (8.4, 8.15) */
#define KWL_EERD			0x00014	/* RW */
#define   KWL_EERD_START		BIT(0)
#define   KWL_EERD_DONE			BIT(1)
#define   KWL_EERD_ADDR			GENMASK(15, 2)
#define   KWL_EERD_DATA			GENMASK(31, 16)
#define KWL_EECD			0x00010	/* RW */
#define   KWL_EECD_AUTO_RD		BIT(9)
#define   KWL_EECD_SIZE			GENMASK(14, 11)
#define KWL_SWSM			0x05b50	/* RW, reading sets SMBI */
#define   KWL_SWSM_SMBI			BIT(0)
#define   KWL_SWSM_SWESMBI		BIT(1)
#define KWL_SW_FW_SYNC			0x05b5c	/* RW */
#define   KWL_SW_FW_SYNC_EEP		BIT(0)
#define   KWL_SW_FW_SYNC_PHY0		BIT(1)
#define   KWL_SW_FW_SYNC_PHY1		BIT(2)
#define   KWL_SW_FW_SYNC_FW_SHIFT	16	/* firmware's copy of each bit */

/* Interrupts (8.8). The extended registers have the same offset in a VF. */
#define KWL_ICR				0x000c0	/* RC with GPIE.NSICR */
#define KWL_ICS				0x000c8	/* WO */
#define KWL_IMS				0x000d0	/* RW, W1S */
#define KWL_IMC				0x000d8	/* WO */
#define   KWL_INT_LSC			BIT(2)
#define   KWL_INT_VMMB			BIT(8)
#define KWL_GPIE			0x01514	/* RW */
#define   KWL_GPIE_NSICR		BIT(0)
#define   KWL_GPIE_MULTI_MSIX		BIT(4)
#define   KWL_GPIE_EIAME		BIT(30)
#define   KWL_GPIE_PBA			BIT(31)
#define KWL_EICS			0x01520	/* WO */
#define KWL_EIMS			0x01524	/* RW, W1S */
#define KWL_EIMC			0x01528	/* WO */
#define KWL_EIAC			0x0152c	/* RW */
#define KWL_EIAM			0x01530	/* RW */
#define KWL_EICR			0x01580	/* RC */
#define KWL_EITR(v)			(0x01680 + 4 * (v))	/* RW */
#define   KWL_EITR_INTERVAL		GENMASK(14, 2)	/* 1 us units */
#define   KWL_EITR_CNT_INGR		BIT(31)	/* keep the running counter */
/*
 * PF interrupt routing: register n serves queues n and n + 8; the bytes are,
 * from the lowest, Rx n, Tx n, Rx n + 8, Tx n + 8.
 */
#define KWL_IVAR(n)			(0x01700 + 4 * (n))	/* RW */
#define   KWL_IVAR_VALID		BIT(7)
#define KWL_IVAR_MISC			0x01740	/* RW */
#define   KWL_IVAR_MISC_OTHER		GENMASK(15, 8)

/* Receive (8.10) */
#define KWL_RCTL			0x00100	/* RW */
#define   KWL_RCTL_EN			BIT(1)
#define   KWL_RCTL_SBP			BIT(2)
#define   KWL_RCTL_UPE			BIT(3)
#define   KWL_RCTL_MPE			BIT(4)
#define   KWL_RCTL_LPE			BIT(5)
#define   KWL_RCTL_MO			GENMASK(13, 12)	/* MTA hash offset */
#define   KWL_RCTL_BAM			BIT(15)
#define   KWL_RCTL_VFE			BIT(18)
#define   KWL_RCTL_SECRC		BIT(26)
#define KWL_RXCSUM			0x05000	/* RW */
#define   KWL_RXCSUM_IPOFL		BIT(8)
#define   KWL_RXCSUM_TUOFL		BIT(9)
#define   KWL_RXCSUM_CRCOFL		BIT(11)
#define   KWL_RXCSUM_PCSD		BIT(13)
#define KWL_RLPML			0x05004	/* RW */
#define   KWL_RLPML_MASK		GENMASK(13, 0)
#define KWL_RFCTL			0x05008	/* RW */
#define   KWL_RFCTL_LEF			BIT(18)
#define KWL_QDE				0x02408	/* RW, one bit a queue */

/* Receive and transmit register blocks of queue q; offsets are shared with the VF */
#define KWL_RXQ(q)			(0x0c000 + 0x40 * (q))
#define KWL_TXQ(q)			(0x0e000 + 0x40 * (q))
#define KWL_RDBAL			0x00	/* RW, 128-byte aligned */
#define KWL_RDBAH			0x04	/* RW */
#define KWL_RDLEN			0x08	/* RW, multiple of 128 */
#define KWL_SRRCTL			0x0c	/* RW */
#define   KWL_SRRCTL_BSIZEPKT		GENMASK(6, 0)	/* 1 KiB units */
#define   KWL_SRRCTL_DESCTYPE		GENMASK(27, 25)
enum {
	KWL_DESCTYPE_ADV_ONEBUF		= 1,
};
#define   KWL_SRRCTL_DROP_EN		BIT(31)
#define KWL_RDH				0x10	/* RW */
#define KWL_RXCTL			0x14	/* RW, DCA */
#define KWL_RDT				0x18	/* RW */
#define KWL_RXDCTL			0x28	/* RW */
#define   KWL_RXDCTL_PTHRESH		GENMASK(4, 0)
#define   KWL_RXDCTL_HTHRESH		GENMASK(12, 8)
#define   KWL_RXDCTL_WTHRESH		GENMASK(20, 16)
#define   KWL_RXDCTL_ENABLE		BIT(25)
#define   KWL_RXDCTL_SWFLUSH		BIT(26)
#define KWL_TDBAL			0x00	/* RW, 128-byte aligned */
#define KWL_TDBAH			0x04	/* RW */
#define KWL_TDLEN			0x08	/* RW, multiple of 128 */
#define KWL_TDH				0x10	/* RW */
#define KWL_TXCTL			0x14	/* RW, DCA */
#define KWL_TDT				0x18	/* RW */
#define KWL_TXDCTL			0x28	/* RW */
#define   KWL_TXDCTL_PTHRESH		GENMASK(4, 0)
#define   KWL_TXDCTL_HTHRESH		GENMASK(12, 8)
#define   KWL_TXDCTL_WTHRESH		GENMASK(20, 16)
#define   KWL_TXDCTL_ENABLE		BIT(25)
#define   KWL_TXDCTL_SWFLUSH		BIT(26)
#define KWL_TDWBAL			0x38	/* RW, head write-back */
#define KWL_TDWBAH			0x3c	/* RW */

/* Receive filters (8.10, 8.14) */
#define KWL_MTA(i)			(0x05200 + 4 * (i))	/* RW, 128 */
#define KWL_MTA_WORDS			128
#define KWL_RAL(i)	((i) < 16 ? 0x05400 + 8 * (i) : 0x054e0 + 8 * ((i) - 16))
#define KWL_RAH(i)			(KWL_RAL(i) + 4)
#define   KWL_RAH_ADDR			GENMASK(15, 0)
#define   KWL_RAH_POOL			GENMASK(25, 18)	/* one bit a pool */
#define   KWL_RAH_AV			BIT(31)
#define KWL_RA_ENTRIES			24
#define KWL_PSRTYPE(p)			(0x05480 + 4 * (p))	/* RW */
#define KWL_VFTA(i)			(0x05600 + 4 * (i))	/* RW, 128 */
#define KWL_VFTA_WORDS			128
#define KWL_UTA(i)			(0x0a000 + 4 * (i))	/* WO, 128 */
#define KWL_UTA_WORDS			128
#define KWL_MRQC			0x05818	/* RW */
#define   KWL_MRQC_MODE			GENMASK(2, 0)
enum {
	KWL_MRQC_NONE			= 0,
	KWL_MRQC_RSS			= 2,
	KWL_MRQC_VMDQ			= 3,
	KWL_MRQC_VMDQ_RSS		= 5,
};
#define   KWL_MRQC_TCPIPV4		BIT(16)
#define   KWL_MRQC_IPV4			BIT(17)
#define   KWL_MRQC_TCPIPV6EX		BIT(18)
#define   KWL_MRQC_IPV6			BIT(20)
#define   KWL_MRQC_TCPIPV6		BIT(21)
#define   KWL_MRQC_UDPIPV4		BIT(22)
#define   KWL_MRQC_UDPIPV6		BIT(23)
#define   KWL_MRQC_UDPIPV6EX		BIT(24)
#define KWL_RETA(i)			(0x05c00 + 4 * (i))	/* RW, 32 */
#define KWL_RETA_ENTRIES		128
#define   KWL_RETA_POOL_QUEUE		3	/* in pools: shift of the queue */
#define KWL_RSSRK(i)			(0x05c80 + 4 * (i))	/* RW, 10 */
#define KWL_RSS_KEY_LEN			40

/*
 * Filters that choose a queue, ETQF and FTQF. Addresses and ports stand there as
 * in the frame: the first octet is the lowest. A set bit BP leaves a field out.
 */
#define KWL_ETQF(i)			(0x05cb0 + 4 * (i))	/* RW, 8, EtherType */
#define   KWL_ETQF_ETYPE		GENMASK(15, 0)
#define   KWL_ETQF_QUEUE		GENMASK(18, 16)
#define   KWL_ETQF_FILTER_EN		BIT(26)
#define   KWL_ETQF_1588			BIT(30)
#define   KWL_ETQF_QUEUE_EN		BIT(31)
#define KWL_ETQFS			8
#define KWL_SAQF(i)			(0x05980 + 4 * (i))	/* RW, 8, source */
#define KWL_DAQF(i)			(0x059a0 + 4 * (i))	/* RW, 8, destination */
#define KWL_SPQF(i)			(0x059c0 + 4 * (i))	/* RW, 8, source port */
#define KWL_FTQF(i)			(0x059e0 + 4 * (i))	/* RW, 8, five-tuple */
#define   KWL_FTQF_PROTO		GENMASK(7, 0)
#define   KWL_FTQF_QUEUE_EN		BIT(8)
#define   KWL_FTQF_VF_BP		BIT(15)
#define   KWL_FTQF_QUEUE		GENMASK(18, 16)
#define   KWL_FTQF_PROTO_BP		BIT(28)
#define   KWL_FTQF_SRC_BP		BIT(29)
#define   KWL_FTQF_DST_BP		BIT(30)
#define   KWL_FTQF_SPORT_BP		BIT(31)
#define KWL_FTQFS			8
#define KWL_IMIR(i)			(0x05a80 + 4 * (i))	/* RW, 8 */
#define   KWL_IMIR_PORT			GENMASK(15, 0)	/* destination port */
#define   KWL_IMIR_PORT_BP		BIT(17)
#define KWL_IMIREXT(i)			(0x05aa0 + 4 * (i))	/* RW, 8 */
#define   KWL_IMIREXT_SIZE_BP		BIT(12)	/* length of the frame */
#define   KWL_IMIREXT_CTRL_BP		BIT(19)	/* flags of TCP */

/* Waking the machine (8.22); only power or PE_RST_N resets these */
#define KWL_WUC				0x05800	/* RW */
#define   KWL_WUC_APME			BIT(0)	/* by a magic frame, without driver */
#define   KWL_WUC_PME_EN		BIT(1)
#define KWL_WUFC			0x05808	/* RW, by what */
#define   KWL_WUFC_LNKC			BIT(0)	/* link up or down */
#define   KWL_WUFC_MAG			BIT(1)	/* magic frame */
#define   KWL_WUFC_EX			BIT(2)	/* unicast */
#define   KWL_WUFC_MC			BIT(3)	/* multicast */
#define   KWL_WUFC_BC			BIT(4)	/* broadcast */
#define KWL_WUS				0x05810	/* W1C, by what it was */

/* Transmit (8.12) */
#define KWL_TCTL			0x00400	/* RW */
#define   KWL_TCTL_EN			BIT(1)
#define   KWL_TCTL_PSP			BIT(3)
#define   KWL_TCTL_CT			GENMASK(11, 4)
#define   KWL_TCTL_RTLC			BIT(24)
#define KWL_DTXCTL			0x03590	/* RW */
#define   KWL_DTXCTL_8023LL		BIT(2)
#define   KWL_DTXCTL_VLAN_ADDED		BIT(3)
#define   KWL_DTXCTL_OOS_ENABLE		BIT(4)
#define   KWL_DTXCTL_MDP_EN		BIT(5)
#define   KWL_DTXCTL_SPOOF_INT		BIT(6)

/* Transmit rate of a queue (8.12.17 to 8.12.19); the one that DQSEL names */
#define KWL_RTTDQSEL			0x03604	/* RW */
#define KWL_RTTBCNRM			0x03690	/* RW */
#define   KWL_RTTBCNRM_MMW		GENMASK(31, 0)	/* what a queue may save up */
#define KWL_RTTBCNRC			0x036b0	/* RW */
#define   KWL_RTTBCNRC_RF_DEC		GENMASK(13, 0)	/* link speed / rate: */
#define   KWL_RTTBCNRC_RF_INT		GENMASK(27, 14)	/* fraction, integer */
#define   KWL_RTTBCNRC_RS_ENA		BIT(31)

/* Time synchronization (8.16, 7.9); SYSTIML latches SYSTIMH */
#define KWL_SYSTIML			0x0b600	/* RW */
#define KWL_SYSTIMH			0x0b604	/* RW */
#define KWL_TIMINCA			0x0b608	/* RW */
#define   KWL_TIMINCA_INCVALUE		GENMASK(23, 0)
#define   KWL_TIMINCA_INCPERIOD		GENMASK(31, 24)	/* 16 ns units */
#define KWL_TSYNCTXCTL			0x0b614	/* RW */
#define KWL_TXSTMPL			0x0b618	/* RO */
#define KWL_TXSTMPH			0x0b61c	/* RC for TSYNCTXCTL.VALID */
#define KWL_TSYNCRXCTL			0x0b620	/* RW */
#define   KWL_TSYNCRXCTL_TYPE		GENMASK(3, 1)
enum {
	KWL_TSYNC_L2_V2			= 0,	/* of the type in TSYNCRXCFG */
	KWL_TSYNC_EVENT_V2		= 5,
};
#define KWL_RXSTMPL			0x0b624	/* RO */
#define KWL_RXSTMPH			0x0b628	/* RC for TSYNCRXCTL.VALID */
#define KWL_RXSATRL			0x0b62c	/* RO */
#define KWL_RXSATRH			0x0b630	/* RO */
#define   KWL_TSYNC_VALID		BIT(0)	/* of TSYNCTXCTL, TSYNCRXCTL */
#define   KWL_TSYNC_EN			BIT(4)
#define KWL_TSYNCRXCFG			0x05f50	/* RW */
#define   KWL_TSYNCRXCFG_MSGT		GENMASK(15, 8)

/* Virtualization (8.14, 7.10) */
#define KWL_VT_CTL			0x0581c	/* RW */
#define   KWL_VT_CTL_DEF_PL		GENMASK(9, 7)
#define   KWL_VT_CTL_DIS_DEF_PL		BIT(29)
#define   KWL_VT_CTL_REPL_EN		BIT(30)
#define KWL_VMOLR(p)			(0x05ad0 + 4 * (p))	/* RW */
#define   KWL_VMOLR_RLPML		GENMASK(13, 0)
#define   KWL_VMOLR_LPE			BIT(16)
#define   KWL_VMOLR_RSSE		BIT(17)
#define   KWL_VMOLR_AUPE		BIT(24)
#define   KWL_VMOLR_ROMPE		BIT(25)
#define   KWL_VMOLR_ROPE		BIT(26)
#define   KWL_VMOLR_BAM			BIT(27)
#define   KWL_VMOLR_MPME		BIT(28)
#define   KWL_VMOLR_STRVLAN		BIT(30)
#define   KWL_VMOLR_STRCRC		BIT(31)
#define KWL_RPLOLR			0x05af0	/* RW */
#define   KWL_RPLOLR_STRVLAN		BIT(30)
#define   KWL_RPLOLR_STRCRC		BIT(31)
#define KWL_VLVF(i)			(0x05d00 + 4 * (i))	/* RW, 32 */
#define   KWL_VLVF_VID			GENMASK(11, 0)
#define   KWL_VLVF_POOL			GENMASK(19, 12)	/* one bit a pool */
#define   KWL_VLVF_EN			BIT(31)
#define KWL_VLVF_ENTRIES		32
#define KWL_VMVIR(p)			(0x03700 + 4 * (p))	/* RW */
#define   KWL_VMVIR_TAG			GENMASK(15, 0)
#define   KWL_VMVIR_ACTION		GENMASK(31, 30)
enum {
	KWL_VMVIR_FROM_DESC		= 0,
	KWL_VMVIR_DEFAULT		= 1,	/* always insert the tag above */
	KWL_VMVIR_NEVER			= 2,
};
#define KWL_DTXSWC			0x03500	/* RW */
#define   KWL_DTXSWC_MACAS		GENMASK(7, 0)	/* MAC anti-spoof, a bit a pool */
#define   KWL_DTXSWC_VLANAS		GENMASK(15, 8)	/* VLAN anti-spoof */
#define   KWL_DTXSWC_LLE		GENMASK(23, 16)	/* local loopback */
#define   KWL_DTXSWC_LOOPBACK_EN	BIT(31)
#define KWL_VFRE			0x00c8c	/* RW, one bit a pool */
#define KWL_VFTE			0x00c90	/* RW, one bit a pool */
#define KWL_VFLRE			0x00c88	/* W1C, one bit a VF */
#define KWL_WVBR			0x03554	/* RC, one bit a queue, twice */
#define   KWL_WVBR_SPOOFED		GENMASK(15, 0)	/* frames that DTXSWC stopped */
#define   KWL_WVBR_BLOCKED		GENMASK(31, 16)	/* by DTXCTL.MDP_EN */
#define KWL_IOVCTL			0x05bbc	/* RW */
#define   KWL_IOVCTL_REUSE_VFQ		BIT(0)
#define KWL_POOLS			8
#define KWL_MAX_VFS			7	/* the eighth pool is the PF's */

/* Mailbox, PF side (8.14.6) */
#define KWL_P2VMAILBOX(v)		(0x00c00 + 4 * (v))	/* RW */
#define   KWL_P2V_STS			BIT(0)	/* WO: message for the VF */
#define   KWL_P2V_ACK			BIT(1)	/* WO: VF's message was taken */
#define   KWL_P2V_VFU			BIT(2)	/* RO: VF owns the buffer */
#define   KWL_P2V_PFU			BIT(3)	/* RW: PF owns the buffer */
#define   KWL_P2V_RVFU			BIT(4)	/* WO: take the buffer from the VF */
#define KWL_VMBMEM(v)			(0x00800 + 64 * (v))	/* RW */
#define KWL_MBX_WORDS			16
#define KWL_MBVFICR			0x00c80	/* W1C */
#define   KWL_MBVFICR_REQ		GENMASK(7, 0)
#define   KWL_MBVFICR_ACK		GENMASK(23, 16)
#define KWL_MBVFIMR			0x00c84	/* RW */

/* Statistics of the port, all cleared by reading (8.16) */
#define KWL_CRCERRS			0x04000	/* RC */
#define KWL_ALGNERRC			0x04004	/* RC */
#define KWL_SYMERRS			0x04008	/* RC */
#define KWL_RXERRC			0x0400c	/* RC */
#define KWL_MPC				0x04010	/* RC */
#define KWL_SCC				0x04014	/* RC */
#define KWL_ECOL			0x04018	/* RC */
#define KWL_MCC				0x0401c	/* RC */
#define KWL_LATECOL			0x04020	/* RC */
#define KWL_COLC			0x04028	/* RC */
#define KWL_DC				0x04030	/* RC */
#define KWL_TNCRS			0x04034	/* RC */
#define KWL_RLEC			0x04040	/* RC */
#define KWL_XONRXC			0x04048	/* RC */
#define KWL_XONTXC			0x0404c	/* RC */
#define KWL_XOFFRXC			0x04050	/* RC */
#define KWL_XOFFTXC			0x04054	/* RC */
/* Frames by length: to 64, 127, 255, 511, 1023 octets, and longer */
#define KWL_PRC(i)			(0x0405c + 4 * (i))	/* RC, 6 */
#define KWL_PTC(i)			(0x040d8 + 4 * (i))	/* RC, 6 */
#define KWL_GPRC			0x04074	/* RC */
#define KWL_BPRC			0x04078	/* RC */
#define KWL_MPRC			0x0407c	/* RC */
#define KWL_GPTC			0x04080	/* RC */
#define KWL_GORCL			0x04088	/* RO, cleared with GORCH */
#define KWL_GORCH			0x0408c	/* RC */
#define KWL_GOTCL			0x04090	/* RO, cleared with GOTCH */
#define KWL_GOTCH			0x04094	/* RC */
#define KWL_RNBC			0x040a0	/* RC */
#define KWL_RUC				0x040a4	/* RC */
#define KWL_RFC				0x040a8	/* RC */
#define KWL_ROC				0x040ac	/* RC */
#define KWL_RJC				0x040b0	/* RC */
#define KWL_MPTC			0x040f0	/* RC */
#define KWL_BPTC			0x040f4	/* RC */
#define KWL_TSCTC			0x040f8	/* RC */

/* Statistics and control of VF v, seen from the PF; 32 bits wide, they wrap */
#define KWL_PVTCTRL(v)			(0x10000 + 0x100 * (v))	/* RW */
#define KWL_PVFGPRC(v)			(0x10010 + 0x100 * (v))	/* RO */
#define KWL_PVFGPTC(v)			(0x10014 + 0x100 * (v))	/* RO */
#define KWL_PVFGORC(v)			(0x10018 + 0x100 * (v))	/* RO */
#define KWL_PVFGOTC(v)			(0x10034 + 0x100 * (v))	/* RO */
#define KWL_PVFMPRC(v)			(0x1003c + 0x100 * (v))	/* RO */

/* The VF's own view of its BAR 0 (datasheet 9). Nothing else answers there. */
#define KWL_VTCTRL			0x00000	/* WO */
#define   KWL_VTCTRL_RST		BIT(26)
#define KWL_VTSTATUS			0x00008	/* RO, layout of STATUS */
#define KWL_VMBMEM_VF			0x00800	/* RW */
#define KWL_VFMPRC			0x00f3c	/* RO, wraps; a reset of the PF clears it */
#define KWL_V2PMAILBOX			0x00c40	/* RC for PFSTS, PFACK, RSTD */
#define   KWL_V2P_REQ			BIT(0)	/* WO: message for the PF */
#define   KWL_V2P_ACK			BIT(1)	/* WO: PF's message was taken */
#define   KWL_V2P_VFU			BIT(2)	/* RW: VF owns the buffer */
#define   KWL_V2P_PFU			BIT(3)	/* RO: PF owns the buffer */
#define   KWL_V2P_PFSTS			BIT(4)	/* RC: PF wrote a message */
#define   KWL_V2P_PFACK			BIT(5)	/* RC: PF took our message */
#define   KWL_V2P_RSTI			BIT(6)	/* RO: PF is in reset */
#define   KWL_V2P_RSTD			BIT(7)	/* RC: PF finished its reset */
#define KWL_VF_RXQ(q)			(0x02800 + 0x100 * (q))
#define KWL_VF_TXQ(q)			(0x03800 + 0x100 * (q))
/* VF interrupt routing: from the lowest byte Rx 0, Tx 0, Rx 1, Tx 1 */
#define KWL_VTIVAR			0x01700	/* RW */
#define KWL_VTIVAR_MISC			0x01740	/* RW */
#define KWL_VF_VECTORS			3
#define KWL_VF_QUEUES			2

/* Limits of the device */
#define KWL_QUEUES			16
#define KWL_RING_MIN			64	/* descriptors */
#define KWL_RING_MAX			4096
#define KWL_RING_STEP			8	/* 128 bytes of descriptors */
#define KWL_MAX_FRAME			0x2600	/* RLPML's reset value, with FCS */

#endif /* _KAWELA_REGS_H */
